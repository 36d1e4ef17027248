package account

import (
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/sescheck/sescheck/internal/record"
)

// v2Identity is the answer of GetEmailIdentity. Every field is optional.
type v2Identity struct {
	EmailIdentity      string // not from AWS: the user added it
	Region             string // not from AWS: the user added it
	IdentityType       string
	VerificationStatus string
	DkimAttributes     *struct {
		SigningEnabled          *bool
		Status                  string
		Tokens                  []string
		SigningAttributesOrigin string
		SigningHostedZone       string
	}
	MailFromAttributes *struct {
		MailFromDomain       string
		MailFromDomainStatus string
		BehaviorOnMxFailure  string
	}
	VerificationInfo *struct {
		LastCheckedTimestamp stamp
		LastSuccessTimestamp stamp
		ErrorType            string
		SOARecord            *struct{ PrimaryNameServer string }
	}
}

// v2 reads the answer about one identity.
func (a *answers) v2(answer *v2Identity) {
	name := answer.EmailIdentity
	if name == "" {
		name = a.hint.Identity
	}
	if answer.IdentityType == "EMAIL_ADDRESS" || strings.Contains(name, "@") {
		a.acc.Addresses = append(a.acc.Addresses, name)
		return
	}
	id := a.identity("", a.region(answer.Region))
	id.Whole, id.Verification = true, a.status("verification", answer.VerificationStatus)
	if d := answer.DkimAttributes; d != nil {
		id.DKIM = a.dkim(signing{d.Tokens, d.SigningAttributesOrigin, d.SigningHostedZone, d.Status, d.SigningEnabled})
	}
	if m := answer.MailFromAttributes; m != nil {
		id.MailFrom = a.mailFrom(m.MailFromDomain, m.MailFromDomainStatus, m.BehaviorOnMxFailure)
	}
	if v := answer.VerificationInfo; v != nil {
		id.Looked = Looked{Last: time.Time(v.LastCheckedTimestamp), Success: time.Time(v.LastSuccessTimestamp), Error: errorType(v.ErrorType)}
		if v.SOARecord != nil {
			id.Looked.Server = a.server(v.SOARecord.PrimaryNameServer)
		}
	}
	if name != "" {
		n, ok := a.named(name)
		if !ok {
			return
		}
		id.Name = n
	}
	a.add(id)
}

// errorType returns a word in capitals; "" for any other text.
func errorType(word string) string {
	const most = 80
	if len(word) > most || strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
		return ""
	}
	return word
}

// server reads the name of a name server; "" if it is not valid.
func (a *answers) server(name string) record.Name {
	n, err := record.ParseName(name)
	if name != "" && (err != nil || n.Labels() < 2) {
		a.skip("PrimaryNameServer %s is not a domain name", short(name))
		return ""
	}
	return n
}

// stamp is a time: a text in AWS CLI v2, seconds since 1970 in v1 and in the API.
// Other values are the zero time.
type stamp time.Time

// UnmarshalJSON parses either form.
func (s *stamp) UnmarshalJSON(text []byte) error {
	*s = stamp{}
	var seconds float64
	if json.Unmarshal(text, &seconds) == nil && seconds > 0 && seconds < math.MaxInt32*8 {
		*s = stamp(time.UnixMilli(int64(seconds * 1000)).UTC())
		return nil
	}
	var word string
	if json.Unmarshal(text, &word) == nil {
		if t, err := time.Parse(time.RFC3339, word); err == nil {
			*s = stamp(t.UTC())
		}
	}
	return nil
}

// configurationSet is the answer of GetConfigurationSet.
type configurationSet struct {
	ConfigurationSetName string
	Region               string // not from AWS: the user added it
	TrackingOptions      *struct {
		CustomRedirectDomain string
		HTTPSPolicy          string `json:"HttpsPolicy"`
	}
}

// configurationSet reads the tracking domain of a configuration set, if it has one.
func (a *answers) configurationSet(answer *configurationSet) {
	t := answer.TrackingOptions
	if t == nil || t.CustomRedirectDomain == "" {
		return
	}
	n, ok := a.named(t.CustomRedirectDomain)
	if !ok {
		return
	}
	a.acc.Redirects = append(a.acc.Redirects, Redirect{a.source(a.at), answer.ConfigurationSetName, a.region(answer.Region), n, errorType(t.HTTPSPolicy)})
}

// recommendations is the answer of ListRecommendations.
type recommendations struct {
	Recommendations []struct {
		ResourceARN string `json:"ResourceArn"`
		Type        string
		Description string
		Status      string
	}
}

// recommendations reads the advisor's recommendations about domains.
func (a *answers) recommendations(answer *recommendations) {
	for _, r := range answer.Recommendations {
		parts := strings.SplitN(r.ResourceARN, ":", 6) // arn:aws:ses:region:account:identity/example.com
		if len(parts) < 6 || !strings.HasPrefix(parts[5], "identity/") {
			continue // about the account or a configuration set
		}
		name := strings.TrimPrefix(parts[5], "identity/")
		if strings.Contains(name, "@") {
			continue
		}
		if n, ok := a.named(name); ok {
			a.acc.Recommendations = append(a.acc.Recommendations, Recommendation{a.source(a.at), n, a.region(parts[3]), errorType(r.Type), r.Status == "OPEN", r.Description})
		}
	}
}
