// Package cookiejar stands in for net/http/cookiejar in the web page.
package cookiejar

type PublicSuffixList interface {
	PublicSuffix(domain string) string
	String() string
}
