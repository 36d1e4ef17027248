package ses

import (
	"regexp"
	"slices"
	"strings"

	"github.com/sescheck/sescheck/internal/record"
)

// TableDate is when the region table was last held against its sources: the
// endpoint and DKIM tables of the AWS General Reference, as public code cites
// them, and the regions of the SESv2 API model.
const TableDate = "2026-10-06"

// Region is a region in which SES sends.
type Region struct {
	Name     string
	Receives bool // listed among the email receiving endpoints
	OwnZone  bool // Easy DKIM keys are under dkim.<region>.amazonses.com
}

// regions is the table, by name.
var regions = []Region{
	{"af-south-1", true, true},
	{"ap-northeast-1", true, false},
	{"ap-northeast-2", true, false},
	{"ap-northeast-3", true, true},
	{"ap-south-1", true, false},
	{"ap-south-2", false, true},
	{"ap-southeast-1", true, false},
	{"ap-southeast-2", true, false},
	{"ap-southeast-3", true, true},
	{"ap-southeast-5", false, true},
	{"ca-central-1", true, false},
	{"ca-west-1", false, true},
	{"eu-central-1", true, false},
	{"eu-central-2", false, true},
	{"eu-north-1", true, false},
	{"eu-south-1", true, true},
	{"eu-west-1", true, false},
	{"eu-west-2", true, false},
	{"eu-west-3", true, false},
	{"il-central-1", true, true},
	{"me-central-1", false, true},
	{"me-south-1", true, false},
	{"sa-east-1", true, false},
	{"us-east-1", true, false},
	{"us-east-2", true, false},
	{"us-gov-east-1", false, true},
	{"us-gov-west-1", false, false},
	{"us-west-1", true, false},
	{"us-west-2", true, false},
}

// Regions returns the table, sorted by name.
func Regions() []Region { return slices.Clone(regions) }

// LookupRegion returns what is known of a region. Unknown is not wrong: AWS
// opens regions faster than tools are released.
func LookupRegion(name string) (Region, bool) {
	i, ok := slices.BinarySearchFunc(regions, name, func(r Region, n string) int { return strings.Compare(r.Name, n) })
	if !ok {
		return Region{Name: name}, false
	}
	return regions[i], true
}

var regionShape = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$`)

// IsRegion reports whether name has the shape of a region's name.
func IsRegion(name string) bool { return regionShape.MatchString(name) }

// SharedZone is where most regions have their Easy DKIM keys.
const SharedZone record.Name = "dkim.amazonses.com"

// DKIMZone is the zone of a region's Easy DKIM keys. A region that the table
// does not know is taken to have its own, as every region opened lately has;
// AWS's API says it for certain (DkimAttributes.SigningHostedZone).
func DKIMZone(region string) record.Name {
	if r, ok := LookupRegion(region); ok && !r.OwnZone {
		return SharedZone
	}
	return record.Name("dkim." + region + ".amazonses.com")
}

// IsDKIMZone reports whether n is a zone that SES keeps Easy DKIM keys in, of
// whatever region.
func IsDKIMZone(n record.Name) bool {
	if n == SharedZone {
		return true
	}
	rest, ok := strings.CutPrefix(string(n), "dkim.")
	region, ours := strings.CutSuffix(rest, ".amazonses.com")
	return ok && ours && IsRegion(region)
}

// RegionOfZone returns the region whose own DKIM zone n is; ok is false for the
// zone that most regions share.
func RegionOfZone(n record.Name) (region string, ok bool) {
	if n == SharedZone || !IsDKIMZone(n) {
		return "", false
	}
	return strings.TrimSuffix(strings.TrimPrefix(string(n), "dkim."), ".amazonses.com"), true
}
