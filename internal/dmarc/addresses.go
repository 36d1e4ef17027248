package dmarc

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/sescheck/sescheck/internal/untrusted"
)

var (
	// address matches a mail address with its scheme before it, and an obsolete
	// size behind.
	address = regexp.MustCompile(`(?i)^(?:([a-z-]{2,9})[:=;]+)?([/:]*)([^\s@:/,;<>"'][^\s@:/,;<>"]*@[a-z0-9](?:[a-z0-9-]*\.)+[a-z0-9-]+)\.?(![0-9]+[kmgt]?)?[.:]?$`)
	// scheme matches a scheme that a space separates from its address.
	scheme = regexp.MustCompile(`(?i)^([a-z-]{4,9})[:=;]*/*$`)
	// runsOn matches an address that begins inside another one.
	runsOn = regexp.MustCompile(`(?i)([a-z0-9])(mailto:)`)
	// mailTo matches the scheme written in two words.
	mailTo = regexp.MustCompile(`(?i)\bmail\s+to\s*:`)
)

// sound reports whether a list has only valid URIs.
func sound(list string) bool {
	for item := range strings.SplitSeq(list, ",") {
		if ParseURI(untrusted.New(item)).Wrong != "" {
			return false
		}
	}
	return true
}

// correctURIs corrects a list of reporting URIs. wrong is the first mistake in
// it; ok is false if a correction is not certain.
func correctURIs(list string) (all []URI, wrong string, ok bool) {
	for item := range strings.SplitSeq(list, ",") {
		u := ParseURI(untrusted.New(item))
		if u.Wrong == "" {
			all = append(all, u)
			continue
		}
		found, mistake, ok := correctAddresses(item)
		if !ok {
			return nil, fmt.Sprintf("%.100s cannot be used (%s)", u.Text, u.Wrong), false
		}
		all = append(all, found...)
		if wrong == "" {
			wrong = mistake
		}
	}
	return all, wrong, true
}

// correctAddresses corrects an item that is no URI: it may be empty, or hold
// misspelt addresses.
func correctAddresses(item string) (all []URI, mistake string, ok bool) {
	if strings.Trim(item, " \t'") == "" {
		return nil, "the list has an empty item", true
	}
	if strings.ContainsAny(item, "<>[]()|") {
		mistake = "there are brackets around the address"
	}
	if mailTo.MatchString(item) {
		mistake = "the scheme is mailto, in one word"
	}
	item = mailTo.ReplaceAllString(runsOn.ReplaceAllString(item, "$1 $2"), "mailto:")
	alone := "" // a scheme without an address
	for _, word := range strings.FieldsFunc(item, func(c rune) bool { return strings.ContainsRune(" \t<>()[]|", c) }) {
		if m := scheme.FindStringSubmatch(word); m != nil && alone == "" && meansMailto(m[1]) {
			alone = word
			continue
		}
		m := address.FindStringSubmatch(word)
		if m == nil || m[1] != "" && (alone != "" || !meansMailto(m[1])) {
			return nil, "", false
		}
		u := ParseURI(untrusted.New("mailto:" + m[3] + m[4]))
		if u.Wrong != "" {
			return nil, "", false
		}
		switch {
		case len(all) > 0 && !all[len(all)-1].Same(u):
			mistake = "there is no comma between two addresses"
		case mistake == "":
			mistake = mistakeBefore(alone, m[1], m[2])
		}
		all, alone = append(all, u), ""
	}
	return all, mistake, alone == "" && len(all) > 0
}

// mistakeBefore describes the mistake before an address: a separated scheme, a
// wrong scheme, or slashes.
func mistakeBefore(alone, word, slashes string) string {
	switch {
	case strings.EqualFold(alone, "mailto"):
		return "there is no colon after mailto"
	case strings.EqualFold(alone, "mailto:"):
		return "there is a space after mailto:"
	case alone == "" && word == "":
		return "mailto: is missing before the address"
	case alone != "" || !strings.EqualFold(word, "mailto"):
		return fmt.Sprintf("the scheme is mailto:, not %.20s", untrusted.New(alone+word))
	case slashes != "":
		return "there are slashes after mailto:"
	}
	return "there is something besides the address"
}

// meansMailto reports whether a word is a misspelt mailto.
func meansMailto(word string) bool {
	switch word = strings.ToLower(word); word {
	case "mail", "email", "e-mail":
		return true
	}
	return levenshtein.ComputeDistance(word, "mailto") <= 2
}
