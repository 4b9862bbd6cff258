//! A shell script as a tree.

/// Lists of pipelines, one after the other.
pub(crate) type List = Vec<AndOr>;

/// Pipelines joined by `&&` and `||`.
#[derive(Clone, Debug)]
pub(crate) struct AndOr {
    pub(crate) first: Pipeline,
    pub(crate) rest: Vec<(Join, Pipeline)>,
}

/// How a pipeline hangs on the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    And,
    Or,
}

/// Commands, each reading what the one before it prints.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    pub(crate) negated: bool,
    pub(crate) commands: Vec<Command>,
}

/// A command and where its streams go.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) line: u32,
    pub(crate) kind: Kind,
    pub(crate) redirects: Vec<Redirect>,
}

/// What a command is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Simple {
        assignments: Vec<(String, Word)>,
        words: Vec<Word>,
    },
    Group(List),
    Subshell(List),
    If {
        arms: Vec<(List, List)>,
        otherwise: List,
    },
    For {
        name: String,
        words: Option<Vec<Word>>,
        body: List,
    },
    While {
        until: bool,
        condition: List,
        body: List,
    },
    Case {
        word: Word,
        arms: Vec<(Vec<Word>, List)>,
    },
    Function {
        name: String,
        body: Box<Command>,
    },
    /// `[[ … ]]`.
    Condition(Condition),
    /// `(( … ))`.
    Arithmetic(Word),
}

impl Kind {
    /// Whether it is made of commands that run in the same shell.
    pub(crate) fn is_compound(&self) -> bool {
        use Kind::{Case, For, Group, If, While};
        matches!(self, Group(_) | If { .. } | For { .. } | While { .. } | Case { .. })
    }
}

/// A condition of bash's.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    /// A word that is there or not.
    Given(Word),
    Unary {
        operator: String,
        operand: Word,
    },
    Binary {
        left: Word,
        operator: String,
        right: Word,
    },
}

/// Where one stream goes, or comes from.
#[derive(Clone, Debug)]
pub(crate) struct Redirect {
    /// The stream: 0, 1 or 2.
    pub(crate) stream: u8,
    pub(crate) to: Place,
}

/// The other end of a redirection.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Read(Word),
    /// To a file, which must be `/dev/null` or a stream.
    Write(Word),
    Stream(Word),
    /// A here-document.
    Text(Word),
    /// What commands print, as bash's `< <(…)` takes it.
    Output(Vec<List>),
    /// Both outputs to one file, as bash's `&>` sends them.
    Both(Word),
}

/// A word, in pieces.
pub(crate) type Word = Vec<Piece>;

/// A piece of a word.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Literal {
        text: String,
        quoted: bool,
    },
    Variable {
        name: String,
        operation: Option<Operation>,
        quoted: bool,
    },
    Length {
        name: String,
    },
    Output {
        list: Result<Vec<List>, Syntax>,
        quoted: bool,
    },
    Arithmetic {
        word: Word,
        quoted: bool,
    },
    /// What this shell does not know, such as `${a//b/c}`.
    BadSubstitution,
}

/// What is done with a variable's value.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) kind: OperationKind,
    /// Whether an empty value counts as none.
    pub(crate) colon: bool,
    pub(crate) word: Word,
    /// What follows it, of bash's.
    pub(crate) second: Option<Word>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperationKind {
    Default,
    Assign,
    Error,
    Alternative,
    CutStart {
        longest: bool,
    },
    CutEnd {
        longest: bool,
    },
    /// `${x/a/b}` of bash.
    Replace {
        all: bool,
    },
    /// `${x:1:2}` of bash.
    Slice,
    /// `${x^^}` of bash.
    Case {
        upper: bool,
        all: bool,
    },
}

/// Why a script cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// The shell would refuse it, with this message.
    Refused { line: u32, message: String },
    /// Only we do.
    Unknown(String),
}
