package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// schema describes the JSON files of Linux, in the language of JSON Schema 2020-12.
func schema(all []key) []byte {
	properties := map[string]any{}
	for _, k := range all {
		p := map[string]any{"title": k.en.title, "description": k.en.about + "\n" + k.ko.about}
		switch k.kind {
		case toggle:
			p["type"] = "boolean"
		case choice:
			p["enum"] = k.choices
		case number:
			p["type"] = "integer"
		case text:
			p["type"] = "string"
		}
		properties[k.Name] = p
	}
	raw, _ := json.MarshalIndent(map[string]any{ // of strings alone
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Policies of Sendjay",
		"type": "object", "additionalProperties": false, "properties": properties,
	}, "", "  ")
	return append(raw, '\n')
}

// page is for people.
func page(all []key) []byte {
	var b strings.Builder
	b.WriteString("# Policies of the desktop\n\n" +
		"Written by `make generate` from the table that the desktop reads. Windows: `sendjay.admx` with `ko-KR` and `en-US` go into `PolicyDefinitions`; the values stand in\n" +
		"`HKLM` or `HKCU`, `" + place + "` (and `" + place + defaults + "` for what is only recommended). Linux: JSON files in `/etc/sendjay/policies/managed` and `/etc/sendjay/policies/recommended`,\n" +
		"described by `sendjay.schema.json`. What is managed outweighs everything, what is recommended only what is built in.\n\n" +
		"| key | values | built in | what it decides | 설명 |\n|---|---|---|---|---|\n")
	for _, k := range all {
		values := map[kind]string{text: "text", toggle: "true, false", number: "a whole number", choice: strings.Join(k.choices, ", ")}[k.kind]
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", k.Name, values, k.Preset, k.en.about, k.ko.about)
	}
	return []byte(b.String())
}
