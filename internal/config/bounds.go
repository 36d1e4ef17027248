package config

// A file may come from a stranger's pull request, so that everything in it has
// a bound. All are far beyond what an organisation needs.
const (
	MaxFileSize   = 64 << 20  // octets
	MaxDomains    = 100_000   // in all files together
	MaxIdentities = 100       // of one domain
	MaxTokens     = 100       // in one list of tokens, or of rua
	MaxIncludes   = 500       // in one list of includes
	MaxIgnores    = 10_000    // in one file
	MaxValues     = 3_000_000 // in one file that has to be read at once
	MaxCopies     = 3_000_000 // values taken from an alias, a merge key or defaults, in one file
	MaxDepth      = 32        // merge keys in merge keys

	maxProblems = 1000 // told about one file; the rest is counted
	maxPattern  = 253  // characters of a glob
	maxBraces   = 4    // groups of alternatives in a glob: they multiply the ways to match it
	maxCommas   = 16   // alternatives in all of them
)
