package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// The real kubelet logs its effective configuration before it looks at the
// machine; the stand-in must print the same for the same command line.
//
// CGO_ENABLED=0 go test -trimpath ./standin uses what build.sh has compiled.
func TestSameConfigurationAsTheRealKubelet(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the real kubelet")
	}
	directory := t.TempDir()
	standIn := build(t, ".", filepath.Join(directory, "stand-in", "kubelet"))
	realOne := build(t, "k8s.io/kubernetes/cmd/kubelet", filepath.Join(directory, "real", "kubelet"))
	cases, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string]string{
		"flags alone":             "--max-pods=30 --eviction-hard=memory.available<5% --feature-gates=AllAlpha=false",
		"file alone":              "--config=CASES/file.yaml",
		"flags over file":         "--config=CASES/file.yaml --max-pods=30 --anonymous-auth=true --node-labels=a=b",
		"gates of flags and file": "--config=CASES/file.yaml --feature-gates=AllBeta=true -v=3",
		"thresholds added":        "--config=CASES/file.yaml --config-dir=CASES/dropins",
		"drop-ins alone":          "--config-dir=CASES/dropins",
		"flags over drop-ins":     "--config=CASES/file.yaml --config-dir=CASES/dropins --read-only-port=7 --tls-min-version=VersionTLS13",
	} {
		t.Run(name, func(t *testing.T) {
			args := strings.Fields(strings.ReplaceAll(args, "CASES", cases))
			// Named files, so that neither makes any.
			args = append(args, "--tls-cert-file=/none.crt", "--tls-private-key-file=/none.key")
			ours, theirs := printed(t, standIn, args), logged(t, realOne, args)
			if len(theirs) < 50 {
				t.Fatalf("the real kubelet logged only %v", theirs)
			}
			for key := range merged(ours, theirs) {
				if !reflect.DeepEqual(ours[key], theirs[key]) {
					t.Errorf("%s: stand-in %v, real %v", key, ours[key], theirs[key])
				}
			}
		})
	}
}

func build(t *testing.T, what, to string) string {
	t.Helper()
	command := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", to, what)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", what, err, out)
	}
	return to
}

func printed(t *testing.T, standIn string, args []string) map[string]any {
	t.Helper()
	out, err := exec.Command(standIn, append(args, "--standin-config-only")...).Output()
	if err != nil {
		t.Fatal(err, string(err.(*exec.ExitError).Stderr))
	}
	var answer map[string]map[string]any
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatal(err)
	}
	return answer[configzName]
}

// logged runs the real kubelet until just after it has logged: asked to leave
// when a lock is contended, but given no lock, it refuses to start.
func logged(t *testing.T, kubelet string, args []string) map[string]any {
	t.Helper()
	out, err := exec.Command(kubelet, append(args, "--exit-on-lock-contention")...).CombinedOutput()
	if err == nil {
		t.Fatal("the real kubelet should have refused to start")
	}
	const begin = `"Effective KubeletConfiguration" config=<`
	var text strings.Builder
	inside := false
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		switch line := lines.Text(); {
		case strings.HasSuffix(line, begin):
			inside = true
		case inside && line == " >":
			var config map[string]any
			if err := yaml.Unmarshal([]byte(text.String()), &config); err != nil {
				t.Fatal(err)
			}
			return config
		case inside:
			text.WriteString(strings.TrimPrefix(line, "\t") + "\n")
		}
	}
	t.Fatalf("no configuration logged:\n%s", out)
	return nil
}

func merged(maps ...map[string]any) map[string]any {
	all := map[string]any{}
	for _, m := range maps {
		for key, value := range m {
			all[key] = value
		}
	}
	return all
}
