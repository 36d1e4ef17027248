package shorten

import (
	"slices"
	"testing"
)

func TestList(t *testing.T) {
	t.Parallel()
	all := []string{"a", "b", "c"}
	for most, want := range map[int]string{1: "a and 2 more", 2: "a, b and 1 more", 3: "a, b, c", 9: "a, b, c"} {
		if got := List(all, most); got != want {
			t.Errorf("%d: %q, want %q", most, got, want)
		}
	}
	if got := List([]string(nil), 3); got != "" {
		t.Errorf("none: %q", got)
	}
}

// TestItems: what is cut is counted, and the list that was given stays as it is.
func TestItems(t *testing.T) {
	t.Parallel()
	all := []string{"a", "b", "c"}
	if got := Items(all, 1); !slices.Equal(got, []string{"a", "and 2 more"}) || all[1] != "b" {
		t.Errorf("%q of %q", got, all)
	}
	if got := Items(all, 3); !slices.Equal(got, all) {
		t.Errorf("%q", got)
	}
}

func TestWords(t *testing.T) {
	for want, all := range map[string][]string{"": nil, "a": {"a"}, "a or b": {"a", "b"}, "a, b or c": {"a", "b", "c"}} {
		if got := Words(all, "or"); got != want {
			t.Errorf("%q is %q, want %q", all, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for one, want := range map[string]string{"error": "0 errors, 1 error, 2 errors", "key": "0 keys, 1 key, 2 keys", "identity": "0 identities, 1 identity, 2 identities", "e-mail address": "0 e-mail addresses, 1 e-mail address, 2 e-mail addresses"} {
		if got := Count(0, one) + ", " + Count(1, one) + ", " + Count(2, one); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
