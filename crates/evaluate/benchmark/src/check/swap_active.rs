//! Memory is not written to disk unless the kubelet was told about it.
//!
//! # What
//! Swap that is in use (`/proc/swaps`), or would be after a reboot (`/etc/fstab`), against the
//! kubelet's `failSwapOn` and `memorySwap.swapBehavior`. It passes where there is none, and where
//! both say that swap was meant.
//!
//! # Why
//! What is swapped out, Secrets among it, lies on disk in the clear until it is overwritten. A
//! kubelet that was not told does not start at all.
//!
//! # Remedy
//! `swapoff -a` and take the entry out of `/etc/fstab`; where swap is wanted, set `failSwapOn:
//! false` with `memorySwap.swapBehavior: LimitedSwap` and encrypt the device.
//!
//! # What the remedy may break
//! Whatever needs more memory than the machine has.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/cluster-administration/swap-memory-management/
//! - KEP-2400

use kuberlock_model::component::ComponentKind;
use kuberlock_model::system::Swap;
use kuberlock_model::{Evidence, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::kubelet::Kubelet;
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Medium, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let component = machine.context.component(ComponentKind::Kubelet, machine.node).cloned();
    let Some(kubelet) = Kubelet::of(machine.context, machine.node, component) else {
        return machine.one(Outcome::not_applicable("no kubelet runs here"));
    };
    let swaps: Vec<&Swap> = machine.swaps().collect();
    if swaps.is_empty() {
        return match machine.runs() {
            true => machine.one(Outcome::pass("nothing swaps")),
            false => machine.one(Outcome::unknown("the machine was not seen running")),
        };
    }
    let evidence = swaps.iter().map(|swap| match swap.active {
        true => machine.kernel_says("/proc/swaps", swap.device.clone()),
        false => Evidence::file(format!("swap on {}", swap.device), machine.node, "/etc/fstab"),
    });
    let evidence: Vec<Evidence> = evidence.collect();
    let outcome = match meant(&kubelet) {
        Ok(true) => Outcome::pass("swap is on, and the kubelet was told how pods may use it"),
        Ok(false) if swaps.iter().any(|swap| swap.active) => {
            Outcome::fail("memory is written to disk, and the kubelet was not told", remedy())
        }
        Ok(false) => Outcome::fail("memory will be written to disk after a reboot", remedy()),
        Err(why) => Outcome::unknown(why),
    };
    machine.one(outcome.with_all(evidence))
}

/// Whether the kubelet was told that swap is meant, and how pods may use it.
fn meant(kubelet: &Kubelet<'_>) -> Result<bool, String> {
    let fails = kubelet.field("failSwapOn", "fail-swap-on")?;
    let behaviour = kubelet.field("memorySwap.swapBehavior", "")?;
    Ok(fails.as_bool() == Some(false) && behaviour.is_set)
}

fn remedy() -> Remedy {
    let question = "is swap wanted on this node? If not: `swapoff -a`, and take it out of \
                    /etc/fstab; if so: tell the kubelet (failSwapOn, memorySwap) and encrypt it";
    Remedy::Decision { question: question.to_owned() }
}
