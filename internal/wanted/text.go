package wanted

import (
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/config"
	"github.com/sescheck/sescheck/internal/dmarc"
	"github.com/sescheck/sescheck/internal/record"
	"github.com/sescheck/sescheck/internal/ses"
	"github.com/sescheck/sescheck/internal/untrusted"
)

// SPF is the shortest SPF record with the listed terms; nil lists none. The
// record of a MAIL FROM name always authorises Amazon SES. If several entries of the
// file ask for the record, joined has all that they list.
func SPF(listed, joined *config.SPF, mailFrom bool) string {
	if joined != nil {
		listed, mailFrom = joined, mailFrom || joined.MailFrom
	}
	if listed == nil {
		listed = &config.SPF{}
	}
	terms := []string{"v=spf1"}
	include := func(name record.Name) { terms = append(terms, "include:"+name.Text().Raw()) }
	isSES := func(n config.At[record.Name]) bool { return n.Value == ses.SPFInclude }
	if mailFrom && !slices.ContainsFunc(listed.Includes, isSES) {
		include(ses.SPFInclude)
	}
	have := map[record.Name]bool{}
	for _, i := range listed.Includes {
		if !have[i.Value] {
			include(i.Value)
		}
		have[i.Value] = true
	}
	all := "~all"
	if listed.All != nil {
		all = listed.All.Value
	}
	return strings.Join(append(terms, all), " ")
}

// DMARC is the shortest DMARC record with the listed tags.
func DMARC(d *config.DMARC) string {
	policy := "none"
	if d.Policy != nil {
		policy = d.Policy.Value
	}
	tags := []string{"v=DMARC1", "p=" + policy}
	for _, t := range []struct {
		name  string
		value *config.At[string]
	}{{"sp", d.SubdomainPolicy}, {"np", d.NP}, {"aspf", d.ASPF}, {"adkim", d.ADKIM}} {
		if t.value != nil {
			tags = append(tags, t.name+"="+t.value.Value)
		}
	}
	var rua []string
	for _, uri := range d.RUA {
		rua = append(rua, dmarc.ParseURI(untrusted.New(uri.Value)).Text.Raw())
	}
	if len(rua) > 0 {
		tags = append(tags, "rua="+strings.Join(rua, ","))
	}
	return strings.Join(tags, "; ")
}
