package ses

import (
	"strings"
	"testing"
	"time"
)

// TestSenders: each row has what it is used by, and says where and when that was
// seen.
func TestSenders(t *testing.T) {
	for _, s := range Senders() {
		if LookupSender(s.Key).Name != s.Name || s.Key != strings.ToLower(s.Name) {
			t.Errorf("%s is not found by its key %q", s.Name, s.Key)
		}
		if day, err := time.Parse(time.DateOnly, s.Date); err != nil || day.Year() < 2026 {
			t.Errorf("%s has no date: %q", s.Key, s.Date)
		}
		if len(s.Sources) == 0 || strings.Contains(s.MailFrom+s.Selector, ".") {
			t.Errorf("%+v", s)
		}
		for _, source := range s.Sources {
			if !strings.HasPrefix(source, "https://") {
				t.Errorf("%s: %q is no source", s.Key, source)
			}
		}
		if found := SenderOfSelector(s.Selector); !s.Easy() && found.Key != s.Key || s.Easy() && found != nil {
			t.Errorf("%s by its selector is %v", s.Key, found)
		}
	}
	if s := LookupSender("sendgrid"); s != nil {
		t.Error(s)
	}
	if s := SenderOfMailFrom("plunk.example.com"); s == nil || s.Key != "plunk" {
		t.Error(s)
	}
	if s := SenderOfMailFrom("send.example.com"); s != nil { // it is that of two, and of anybody
		t.Error(s)
	}
	if got := LookupSender("loops").Dashboard() + ", " + LookupSender("resend").Dashboard(); got != "Loops' dashboard, Resend's dashboard" {
		t.Error(got)
	}
}
