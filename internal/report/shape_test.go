package report

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// jsonKeys returns the types of the JSON keys of a struct, those of embedded
// structs too.
func jsonKeys(t reflect.Type) map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			all[name] = f.Type
		}
	}
	return all
}

// TestBaselineShape: the part of a report that a baseline reads is in the report
// that is written, under the same keys and with the same types.
func TestBaselineShape(t *testing.T) {
	part, whole := jsonKeys(reflect.TypeFor[jsonBaseline]()), jsonKeys(reflect.TypeFor[jsonReport]())
	for name, is := range part {
		if is != whole[name] && name != "findings" {
			t.Errorf("%s is %v in a baseline and %v in a report", name, is, whole[name])
		}
	}
	written := jsonKeys(whole["findings"].Elem())
	for name, is := range jsonKeys(part["findings"].Elem()) {
		if onlyCarried := slices.Contains([]string{"why", "behind", "unlisted_since"}, name); !onlyCarried && is != written[name] {
			t.Errorf("%s of a finding is %v in a baseline and %v in a report", name, is, written[name])
		}
	}
}
