package account

import "testing"

func TestFromPath(t *testing.T) {
	for path, want := range map[string]Hint{
		"example.com.json":                   {Identity: "example.com"},
		"ses/eu-west-1/example.com.json":     {Identity: "example.com", Region: "eu-west-1"},
		"ses/example.com.eu-west-1.json":     {Identity: "example.com", Region: "eu-west-1"},
		"ses/example.com@us-gov-west-1.json": {Identity: "example.com", Region: "us-gov-west-1"},
		"ses/eu-west-1/a@example.com.json":   {Identity: "a@example.com", Region: "eu-west-1"},
		"identities.json":                    {},
		"eu-west-1/identities.json":          {Region: "eu-west-1"},
		".json":                              {},
	} {
		want.File = path
		if got := FromPath(path); got != want {
			t.Errorf("%s: got %+v, want %+v", path, got, want)
		}
	}
}
