//! What a project can set about rules: budgets, and what its own words mean.

/// The figures and words that rules take instead of their own. The default is the rules' own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// More tools than this are found by `surface/too-many-tools`.
    pub max_tools: usize,
    /// More tokens of one tool than this are found by `surface/tool-token-budget`.
    pub max_tool_tokens: usize,
    /// More tokens of all tools together than this are found by `surface/token-budget`.
    pub max_tokens: usize,
    /// Products that `name/vendor` finds in names beside those it knows.
    pub vendors: Vec<String>,
    /// The business domain of the server: a product of that name is what its users ask for, and
    /// `name/vendor` does not find it.
    pub domain: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_tools: 7,
            max_tool_tokens: 400,
            max_tokens: 2_000,
            vendors: Vec::new(),
            domain: None,
        }
    }
}
