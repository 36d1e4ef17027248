package resolve

// ParseServersTrusting is ParseServers for servers with certificates that only
// a test trusts.
var ParseServersTrusting = parseServers
