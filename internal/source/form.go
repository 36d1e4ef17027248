package source

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/sescheck/sescheck/internal/untrusted"
)

// form is the format of a file, by its content.
type form int

const (
	otherForm form = iota
	zoneFileForm
	octoDNSForm
	dnsControlForm
	listingForm
	terraformForm
	cloudFormationForm
	pulumiForm
	batchForm

	rawStateForm // of these it is known that they are not read
	savedPlanForm
	logForm
	gcloudForm
	sesForm
	brokenForm
)

// seems describes the formats.
var seems = map[form]string{
	otherForm:          "something else",
	zoneFileForm:       "a zone file",
	octoDNSForm:        "octoDNS YAML",
	dnsControlForm:     "the output of dnscontrol print-ir",
	listingForm:        "a listing of a Route 53 zone",
	terraformForm:      "a Terraform plan or state",
	cloudFormationForm: "a CloudFormation template",
	pulumiForm:         "a Pulumi preview",
	batchForm:          "a Route 53 change batch",
	rawStateForm:       "the state file of Terraform; use the output of `terraform show -json`",
	savedPlanForm:      "a saved plan of Terraform; use the output of `terraform show -json FILE`",
	logForm:            "the log of terraform plan -json; use the output of `terraform show -json FILE` for the saved plan",
	gcloudForm:         "a listing of Google Cloud DNS; use the zone file that `gcloud dns record-sets export FILE --zone ZONE --zone-file-format` writes",
	sesForm:            "an answer of Amazon SES",
}

func (f form) isZone() bool { return f >= zoneFileForm && f <= listingForm }

func (f form) isChange() bool { return f >= terraformForm && f <= batchForm }

// Which forms are read, for messages.
const (
	zoneForms   = "zone files, octoDNS YAML, dnscontrol print-ir and aws route53 list-resource-record-sets"
	changeForms = "terraform show -json, CloudFormation templates, pulumi preview --json and Route 53 change batches"
)

// notZones says why a file of another form is no zone.
func (f form) notZones() string {
	if f.isChange() {
		return "it seems to be " + seems[f] + ", which is a change, not a whole zone: use --plan"
	}
	return "it seems to be " + seems[f] + "; " + zoneForms + " are read"
}

// notPlan says why a file of another form is no change.
func (f form) notPlan() string {
	if f.isZone() {
		return "it seems to be " + seems[f] + ", which is a whole zone, not a change: use --zones"
	}
	return "it seems to be " + seems[f] + "; " + changeForms + " are read"
}

// byKey are the JSON formats with a unique top-level key.
var byKey = map[string]form{
	"format_version": terraformForm, "resource_changes": terraformForm, "planned_values": terraformForm,
	"lineage": rawStateForm, "@level": logForm,
	"ResourceRecordSets": listingForm,
	"Changes":            batchForm, "ChangeBatch": batchForm,
	"registrars": dnsControlForm, "dns_providers": dnsControlForm,
	"AWSTemplateFormatVersion": cloudFormationForm, "Resources": cloudFormationForm,
	"steps": pulumiForm, "changeSummary": pulumiForm,
	"DkimAttributes": sesForm, "MailFromAttributes": sesForm, "VerificationAttributes": sesForm, "EmailIdentities": sesForm,
	"IdentityType": sesForm, "Recommendations": sesForm, "MailFromDomainAttributes": sesForm,
}

// isJSON reports whether a text begins as a JSON document does.
func isJSON(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	return strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")
}

// jsonForm is the form of a JSON document. Of a large one only as much is read as
// it takes.
func jsonForm(text string) form {
	d := json.NewDecoder(strings.NewReader(text))
	t, err := d.Token()
	if err != nil {
		return brokenForm
	}
	if t == json.Delim('[') {
		if n, err := jsonTree(text); err != nil {
			return brokenForm
		} else if isListing(n) {
			return listingForm
		} else if len(n.items) > 0 && n.items[0].at("kind").string() == gcloudKind {
			return gcloudForm
		}
		return otherForm
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return brokenForm
		}
		if s, ok := key.(string); ok && byKey[s] != otherForm {
			return byKey[s]
		}
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			return brokenForm
		}
	}
	if _, err := d.Token(); err != nil {
		return brokenForm
	}
	return otherForm
}

// treeForm is the form of a YAML document.
func treeForm(n *node) form {
	switch {
	case isTemplate(n):
		return cloudFormationForm
	case isOctoDNS(n):
		return octoDNSForm
	}
	return otherForm
}

// gcloudKind is the kind of all objects in a listing of Google Cloud DNS.
const gcloudKind = "dns#resourceRecordSet"

// isGCloud reports whether a text is a listing of Google Cloud DNS in YAML: a
// document for each RRset, which begins with its kind.
func isGCloud(text string) bool {
	return strings.HasPrefix(strings.TrimPrefix(strings.ReplaceAll(text[:min(len(text), 100)], "\r", ""), "---\n"), "kind: "+gcloudKind+"\n")
}

// isSaved reports whether a text is a saved plan of Terraform, which is a ZIP
// archive.
func isSaved(text string) bool { return strings.HasPrefix(text, "PK\x03\x04") }

// Holds is the content of a file.
type Holds int

// The contents that `import` distinguishes.
const (
	Neither Holds = iota
	WholeZones
	SomeChanges
)

// Sniff recognises the content of a text, read from a file of that path.
func Sniff(path, text string) Holds {
	form := otherForm
	switch {
	case isJSON(text):
		form = jsonForm(text)
	case hasSuffix(path, ".yaml", ".yml", ".template"):
		if doc, err := yamlTree(text); err == nil {
			form = treeForm(doc)
		}
	case looksLikeZone(text):
		form = zoneFileForm
	}
	switch {
	case form.isZone():
		return WholeZones
	case form.isChange():
		return SomeChanges
	}
	return Neither
}

// SniffFile recognises the content of a file.
func SniffFile(path string) Holds {
	text, _, err := text(func() (io.ReadCloser, error) { return untrusted.Open(path) }, named)
	if err != nil {
		return Neither
	}
	return Sniff(path, text)
}
