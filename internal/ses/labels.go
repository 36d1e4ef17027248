package ses

// MailFromLabels are where MAIL FROM names usually are.
var MailFromLabels = []string{
	"bounce", "bounces", "mail", "mailfrom", "mail-from", "send", "ses", "envelope", "email", "em", "feedback", "return", "returns", "rp", "news",
	"noreply", "notifications", "plunk",
}

// TrackingLabels are where custom tracking domains usually are.
var TrackingLabels = []string{"click", "clicks", "link", "links", "open", "track", "tracking", "go"}

// NoLabel is a label that nobody uses: what answers there is a wildcard.
const NoLabel = "sescheck-looks-for-wildcards"
