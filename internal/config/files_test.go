package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sescheck/sescheck/internal/config"
)

// TestFiles holds every value of whole files with its place against a list
// beside them.
func TestFiles(t *testing.T) {
	paths, err := filepath.Glob("testdata/files/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no files", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, ps := config.Parse("f", data)
		if len(ps) > 0 {
			t.Errorf("%s: %s", path, reported(ps))
			continue
		}
		var b strings.Builder
		list(&b, "", reflect.ValueOf(*file))
		want := strings.TrimSuffix(path, "yaml") + "want"
		if *update {
			if err := os.WriteFile(want, []byte(b.String()), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		was, err := os.ReadFile(want)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(was), "\n"), strings.Split(b.String(), "\n")); diff != "" {
			t.Errorf("%s\n%s", path, diff)
		}
	}
}

// list writes a line for each value of a File: where it is, which it is,
// and what it is.
func list(b *strings.Builder, name string, v reflect.Value) {
	switch x := v.Interface().(type) {
	case config.Place:
		if x != (config.Place{}) {
			fmt.Fprintf(b, "%d:%d-%d %s\n", x.Line, x.Column, x.EndLine, name)
		}
		return
	case time.Time:
		fmt.Fprintf(b, "\t%s %s\n", name, x.Format(time.RFC3339))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			list(b, name, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			list(b, fmt.Sprintf("%s[%d]", name, i), v.Index(i))
		}
	case reflect.Map:
		for _, k := range []string{"spf-all", "spf-include-unexpected"} {
			if e := v.MapIndex(reflect.ValueOf(k)); e.IsValid() {
				list(b, name+"["+k+"]", e)
			}
		}
	case reflect.Struct:
		if place := v.FieldByName("Place"); place.IsValid() {
			list(b, name, place)
		}
		for i := range v.NumField() {
			if field := v.Type().Field(i).Name; field != "Place" {
				list(b, name+"."+field, v.Field(i))
			}
		}
	default:
		if !v.IsZero() {
			fmt.Fprintf(b, "\t%s %v\n", name, v.Interface())
		}
	}
}
