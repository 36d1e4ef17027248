package config

// A file may come from a stranger's pull request, so that everything in it has
// a bound. All are far beyond the needs of an organisation.
const (
	MaxFileSize   = 64 << 20  // octets
	MaxSize       = 256 << 20 // octets of all files together
	MaxDomains    = 100_000   // in all files together
	MaxIdentities = 100       // of one domain
	MaxTokens     = 100       // in one list of tokens, or of rua
	MaxIncludes   = 500       // in one list of includes
	MaxIgnores    = 10_000    // in all files together
	MaxGlobs      = 5_000     // octets of the globs of ignore in all files, their alternatives written out
	MaxCopies     = 3_000_000 // values taken from an alias, a merge key or defaults, in all files together
	MaxDepth      = 32        // merge keys in merge keys

	maxProblems = 1000 // reported about one file; the rest is counted
)
