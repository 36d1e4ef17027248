package ses

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/sescheck/sescheck/internal/record"
)

// Use is what Amazon SES uses a record for.
type Use uint8

// The uses. SPF is none of them: a record that includes SPFInclude is the
// domain's own.
const (
	NoUse        Use = iota // none of its
	Verification            // a TXT with the token of the legacy verification
	EasyDKIM                // the CNAME of an Easy DKIM token
	MailFrom                // the MX of a MAIL FROM domain
	Receiving               // the MX of a region's inbound host
	MailManager             // the MX of an ingress endpoint of Mail Manager
	Tracking                // the CNAME of a tracking domain
	Submission              // an MX to the SMTP endpoint, which is for sending and receives no mail
)

// String names the record.
func (u Use) String() string {
	switch u {
	case Verification:
		return "a verification token"
	case EasyDKIM:
		return "an Easy DKIM record"
	case MailFrom:
		return "the MX of a MAIL FROM domain"
	case Receiving, MailManager:
		return "the MX for receiving"
	case Tracking:
		return "a tracking domain"
	case Submission:
		return "an MX to the SMTP endpoint"
	default:
		return "not a record of Amazon SES"
	}
}

// Type is the type that such a record has to have.
func (u Use) Type() record.Type {
	switch u {
	case EasyDKIM, Tracking:
		return record.CNAME
	case MailFrom, Receiving, MailManager, Submission:
		return record.MX
	default:
		return record.TXT
	}
}

// Mistake is what is wrong with a record that can be recognised all the same: a
// set of the constants.
type Mistake uint16

// The mistakes.
const (
	WrongType  Mistake = 1 << iota // published as another type
	WrongName                      // at a name where SES and receivers do not look
	Appended                       // the DNS provider appended the zone to the value
	CutShort                       // the end of the name or of the value is missing
	Garbled                        // spaces, quotes, a prefix in capitals or a preference in the value
	WrongHost                      // a host name only like that of SES, such as amazonaws.com for amazonses.com
	OtherToken                     // the name and the value are those of different tokens
	CaseFolded                     // a token whose letters are not as SES made them
	ShortToken                     // a verification token that may lack its end
)

// Recognized is a record with what SES uses it for, as it was meant. Fields
// that its use does not have are empty, and so are those that the record does
// not show.
type Recognized struct {
	Use      Use
	Domain   record.Name // EasyDKIM and Verification: whose it is
	Token    string      // EasyDKIM and Verification, the prefix taken off
	Zone     record.Name // EasyDKIM: of its target
	Region   string      // MailFrom, Receiving, Tracking
	Host     record.Name // MailManager
	Mistakes Mistake
}

// wrongly says in words what a mistake is, behind "published".
var wrongly = []struct {
	mistake Mistake
	how     string
}{
	{WrongName, "at a name where nobody looks"},
	{Appended, "with the zone appended to the value"},
	{CutShort, "with its end missing"},
	{Garbled, "with spaces, quotes or other text in the value"},
	{WrongHost, "with a host that only looks like that of Amazon SES"},
	{OtherToken, "with the token of another record"},
	{CaseFolded, "without capital letters; copy the token from SES again"},
	{ShortToken, "as a token that is shorter than those of SES; its end may be missing"},
}

// Wrongly says how a record of a type was published that should have been
// otherwise: clauses such as "as TXT, not CNAME".
func (is Recognized) Wrongly(t record.Type) (how []string) {
	if is.Mistakes&WrongType != 0 {
		how = append(how, fmt.Sprintf("as %s, not %s", t, is.Use.Type()))
	}
	for _, w := range wrongly {
		if is.Mistakes&w.mistake != 0 {
			how = append(how, w.how)
		}
	}
	return how
}

// Recognize says what SES uses a record for, also where it is not quite as it
// should be.
func Recognize(owner record.Name, r record.Record) Recognized {
	switch r.Type {
	case record.TXT, record.SPF:
		return recognizeText(owner, r.Text().Raw()).as(r.Type)
	case record.CNAME, record.MX, record.PTR:
		return recognizeName(owner, r.Host).as(r.Type)
	default:
		return Recognized{}
	}
}

// recognizeText says what a text is that a record at owner holds.
func recognizeText(owner record.Name, text string) Recognized {
	if host, ok := hostIn(text); ok {
		if is := recognizeHost(owner, host); is.Use != NoUse {
			return is
		}
	}
	if is, ok := recognizeKey(owner, text); ok {
		return is
	}
	return recognizeToken(owner, text)
}

// recognizeName says what a name is that a record at owner holds. A form may
// have taken more for a part of it.
func recognizeName(owner, name record.Name) Recognized {
	how := Mistake(0)
	host := name
	if !host.Plain() {
		if corrected, ok := hostIn(host.Text().Raw()); ok {
			host, how = corrected, Garbled
		}
	}
	is := recognizeHost(owner, host)
	switch {
	case is.Use != NoUse:
		is.Mistakes |= how
	case owner.FirstLabel() == "_amazonses" && foldedToken.MatchString(name.Text().Raw()):
		is = Recognized{Use: Verification, Domain: owner.Parent(), Mistakes: CaseFolded}
	}
	return is
}

// as notes a type that the record should not have.
func (is Recognized) as(t record.Type) Recognized {
	if is.Use != NoUse && t != is.Use.Type() {
		is.Mistakes |= WrongType
	}
	return is
}

// recordWord is what people paste in front of a host: a preference, a TTL, the
// class and the type.
var recordWord = regexp.MustCompile(`^(?i:[0-9]+|IN|MX|CNAME)$`)

// hostIn finds the host name that a text consists of, perhaps in quotes and
// with a preference before it.
func hostIn(text string) (host record.Name, ok bool) {
	const longest = 400 // a name in quotes and what is before it
	if len(text) > longest {
		return "", false
	}
	words := strings.Fields(strings.Map(func(c rune) rune {
		if strings.ContainsRune("\"'`“”‘’\\", c) {
			return ' '
		}
		return c
	}, text))
	if len(words) == 0 {
		return "", false
	}
	last := len(words) - 1
	for _, w := range words[:last] {
		if !recordWord.MatchString(w) {
			return "", false
		}
	}
	host, err := record.ParseName(words[last])
	return host, err == nil && host.Plain()
}

// recognizeHost says what a host is that a record at owner holds.
func recognizeHost(owner, host record.Name) Recognized {
	service, rest, _ := strings.Cut(string(host), ".")
	region, behind, _ := strings.Cut(rest, ".")
	switch {
	case service == "feedback-smtp":
		return recognizeRegional(MailFrom, owner, rest, "amazonses.com")
	case service == "inbound-smtp":
		return recognizeRegional(Receiving, owner, rest, "amazonaws.com")
	case service == "email-smtp" && IsRegion(region):
		if how, ok := end(owner, behind, "amazonaws.com", true); ok {
			return Recognized{Use: Submission, Region: region, Mistakes: how}
		}
	case service == "r" && IsRegion(region):
		if how, ok := end(owner, behind, "awstrack.me", false); ok {
			return Recognized{Use: Tracking, Region: region, Mistakes: how}
		}
	case strings.Contains(string(host)+".", ".mail-manager-smtp.amazonaws.com."):
		return recognizeIngress(host)
	}
	return recognizeDKIM(owner, host)
}

// recognizeIngress reads a host of Mail Manager.
func recognizeIngress(host record.Name) Recognized {
	const zone = ".mail-manager-smtp.amazonaws.com"
	end := strings.Index(string(host), zone) + len(zone)
	is := Recognized{Use: MailManager, Host: host[:end]}
	if end < len(host) {
		is.Mistakes = Appended
	}
	return is
}

// recognizeRegional reads what follows feedback-smtp and inbound-smtp.
// People leave the region out, or fill in a word that is none.
func recognizeRegional(use Use, owner record.Name, rest, want string) Recognized {
	region, behind, _ := strings.Cut(rest, ".")
	if IsRegion(region) {
		if how, ok := end(owner, behind, want, true); ok {
			return Recognized{Use: use, Region: region, Mistakes: how}
		}
		return Recognized{}
	}
	for _, s := range []string{rest, behind} {
		if how, ok := end(owner, s, want, false); ok {
			return Recognized{Use: use, Mistakes: how | WrongHost}
		}
	}
	return Recognized{}
}

// end compares the end of a host with the one that it has to have. What comes
// before may be so sure that all of it may be missing.
func end(owner record.Name, got, want string, sure bool) (how Mistake, ok bool) {
	if got == want {
		return 0, true
	}
	if strings.HasPrefix(got, want+".") {
		return Appended, true
	}
	for zone := owner; zone.Labels() > 1; zone = zone.Parent() { // the longest first
		if left, is := strings.CutSuffix("."+got, "."+string(zone)); is {
			got, how = strings.TrimPrefix(left, "."), Appended
			break
		}
	}
	const few = 4 // fewer characters show nothing
	switch {
	case strings.HasPrefix(want, got) && (sure || len(got) >= few):
		return how | CutShort, true
	case like(got, want):
		return how | WrongHost, true
	}
	return 0, false
}

// like reports whether a domain was meant to be one of SES: a slip of the
// keyboard, the other one of Amazon's, or its name under another top-level
// domain.
func like(got, want string) bool {
	name, _, _ := strings.Cut(strings.TrimPrefix(got, "dkim."), ".")
	return name == "amazonses" || name == "amazonaws" || name == "awstrack" || near(got, want)
}

// near reports whether got is want but for a slip of the keyboard or two.
func near(got, want string) bool {
	const edits = 2
	return len(got) >= len(want)-edits && len(got) <= len(want)+edits && levenshtein.ComputeDistance(got, want) <= edits
}

// tokenShape is that of the tokens of Easy DKIM. AWS promises no length, so it
// only ever decides which of two words is one.
var tokenShape = regexp.MustCompile(`^[a-z2-7]{30,63}$`)

// recognizeDKIM reads the target of an Easy DKIM record: a token and a zone.
func recognizeDKIM(owner, host record.Name) Recognized {
	token, rest, _ := strings.Cut(string(host), ".")
	selector, _, keyed := strings.Cut(string(owner), "._domainkey.")
	zone := SharedZone
	if behind, ok := strings.CutPrefix(rest, "dkim."); ok {
		if region, _, _ := strings.Cut(behind, "."); IsRegion(region) {
			zone = record.Name("dkim." + region + ".amazonses.com")
		}
	}
	named := keyed && selector == token
	shaped := tokenShape.MatchString(token)
	how, ok := end(owner, rest, string(zone), keyed && shaped)
	if !ok || how&^Appended != 0 && !named && !shaped {
		return Recognized{}
	}
	is := Recognized{Use: EasyDKIM, Token: token, Zone: zone, Mistakes: how}
	is.named(owner)
	return is
}

// named reads whose an Easy DKIM record is from its owner name.
func (is *Recognized) named(owner record.Name) {
	selector, domain, keyed := strings.Cut(string(owner), "._domainkey.")
	if !keyed {
		is.misnamed(owner)
		return
	}
	for more := true; more; {
		if domain, more = strings.CutPrefix(domain, "_domainkey."); more {
			is.Mistakes |= WrongName
		}
	}
	if first, rest, several := strings.Cut(selector, "."); several { // _domainkey is too far to the right
		selector, domain = first, rest+"."+domain
		is.Mistakes |= WrongName
	}
	is.Domain = record.Name(domain)
	switch {
	case selector == is.Token:
	case strings.HasPrefix(is.Token, selector):
		is.Mistakes |= CutShort
	case strings.HasPrefix(selector, is.Token):
		is.Token, is.Mistakes = selector, is.Mistakes|CutShort
	case tokenShape.MatchString(is.Token) && !tokenShape.MatchString(selector):
		is.Mistakes |= WrongName
	default:
		is.Token, is.Mistakes = selector, is.Mistakes|OtherToken
	}
}

// misnamed reads an owner name without _domainkey: what is left of it without
// the token and what was meant as _domainkey is the domain. It stays unknown
// where nothing is to be taken off.
func (is *Recognized) misnamed(owner record.Name) {
	is.Mistakes |= WrongName
	taken := func(label string) bool {
		rest, token := strings.CutPrefix(label, is.Token)
		return label == "_amazonses" || near(label, "_domainkey") || token && (rest == "" || near(rest, "_domainkey"))
	}
	n := owner
	for n != record.Root && taken(n.FirstLabel()) {
		n = n.Parent()
	}
	if n != owner && n != record.Root {
		is.Domain = n
	}
}

// keyText is that of a public key.
var keyText = regexp.MustCompile(`(^|;)\s*p\s*=\s*[A-Za-z0-9+/]{40}`)

// recognizeKey reads a TXT with the key itself at the name of an Easy DKIM
// token: it does not follow when SES changes the key.
func recognizeKey(owner record.Name, text string) (Recognized, bool) {
	selector, domain, keyed := strings.Cut(string(owner), "._domainkey.")
	if !keyed || !tokenShape.MatchString(selector) || !keyText.MatchString(text) {
		return Recognized{}, false
	}
	return Recognized{Use: EasyDKIM, Domain: record.Name(domain), Token: selector}, true
}

// tokenText is that of a verification token: base64.
var tokenText = regexp.MustCompile(`^[A-Za-z0-9+/]+=*$`)

// IsVerificationToken reports whether a text can be a verification token.
func IsVerificationToken(s string) bool { return tokenText.MatchString(s) }

// recognizeToken reads the TXT of a verification token.
func recognizeToken(owner record.Name, text string) Recognized {
	is := Recognized{Use: Verification}
	is.Token = strings.Trim(text, "\"'`“”‘’ \t\r\n")
	prefixed := false
	if n := len(VerificationPrefix); len(is.Token) >= n && strings.EqualFold(is.Token[:n], VerificationPrefix) {
		prefixed = true
		is.Token = strings.TrimSpace(is.Token[n:])
	}
	if is.Token != strings.TrimPrefix(text, VerificationPrefix) {
		is.Mistakes |= Garbled
	}
	switch first := owner.FirstLabel(); {
	case first == "_amazonses":
		is.Domain = owner.Parent()
		for is.Domain.FirstLabel() == first {
			is.Domain, is.Mistakes = is.Domain.Parent(), is.Mistakes|WrongName
		}
	case first == "amazonses" && tokenText.MatchString(is.Token): // SES took that name once
		is.Domain, is.Mistakes = owner.Parent(), is.Mistakes|WrongName
	case prefixed:
		is.Domain = owner
	default:
		return Recognized{}
	}
	is.padded()
	return is
}

// padded completes a token whose padding was cut off, and notes what cannot be
// put right: an end that is missing, and letters whose case is lost. The tokens
// that Amazon shows are 32 octets in base64. It promises no length, so another
// one is in doubt at most.
func (is *Recognized) padded() {
	const whole, doubtful = 43, 20
	body := strings.TrimRight(is.Token, "=")
	oneCase := body == strings.ToLower(body) || body == strings.ToUpper(body)
	switch {
	case !tokenText.MatchString(is.Token):
	case len(body) == whole:
		if is.Token != body+"=" {
			is.Token, is.Mistakes = body+"=", is.Mistakes|CutShort
		}
		if oneCase {
			is.Mistakes |= CaseFolded
		}
	case len(body) >= doubtful && len(body) < whole && !oneCase:
		is.Mistakes |= ShortToken
	}
}

// foldedToken is the target of a CNAME that was meant to be a TXT with a token:
// a name has no capitals.
var foldedToken = regexp.MustCompile(`^[a-z0-9+/]{40,}=*(\.|$)`)
