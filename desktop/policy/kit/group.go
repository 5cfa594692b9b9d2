package main

import "encoding/xml"

// Where Windows keeps the decisions, as desktop/policy reads them: what is managed, and below it what is recommended.
const (
	place    = `Software\Policies\Sendjay`
	defaults = `\Defaults`
)

// The form is that of Microsoft's ADMX schema, version 1.0
// (https://learn.microsoft.com/previous-versions/windows/desktop/policy/admx-schema).
const space = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"

type (
	admx struct {
		XMLName    xml.Name   `xml:"policyDefinitions"`
		Space      string     `xml:"xmlns,attr"`
		Revision   string     `xml:"revision,attr"`
		Schema     string     `xml:"schemaVersion,attr"`
		Target     prefixed   `xml:"policyNamespaces>target"`
		Resources  needed     `xml:"resources"`
		Supported  named      `xml:"supportedOn>definitions>definition"`
		Categories []category `xml:"categories>category"`
		Policies   []rule     `xml:"policies>policy"`
	}
	prefixed struct {
		Prefix string `xml:"prefix,attr"`
		Space  string `xml:"namespace,attr"`
	}
	needed struct {
		Revision string `xml:"minRequiredRevision,attr"`
	}
	named struct {
		Name    string `xml:"name,attr"`
		Display string `xml:"displayName,attr"`
	}
	category struct {
		named
		Parent *ref `xml:"parentCategory"`
	}
	ref struct {
		To string `xml:"ref,attr"`
	}
	rule struct {
		Name         string  `xml:"name,attr"`
		Class        string  `xml:"class,attr"`
		Display      string  `xml:"displayName,attr"`
		Explain      string  `xml:"explainText,attr"`
		Presentation string  `xml:"presentation,attr,omitempty"`
		Key          string  `xml:"key,attr"`
		Value        string  `xml:"valueName,attr,omitempty"`
		Category     ref     `xml:"parentCategory"`
		Supported    ref     `xml:"supportedOn"`
		On           *whole  `xml:"enabledValue>decimal"`
		Off          *whole  `xml:"disabledValue>decimal"`
		Text         *field  `xml:"elements>text"`
		Enum         *choose `xml:"elements>enum"`
	}
	whole struct {
		Value int `xml:"value,attr"`
	}
	field struct {
		ID       string `xml:"id,attr"`
		Value    string `xml:"valueName,attr"`
		Required bool   `xml:"required,attr"`
	}
	choose struct {
		field
		Items []item `xml:"item"`
	}
	item struct {
		Display string `xml:"displayName,attr"`
		Value   string `xml:"value>string"`
	}
)

func said(id string) string { return "$(string." + id + ")" }

// recommended is the name of the policy that recommends what the one of that name decides.
func recommended(name string) string { return "Default" + name }

func definitions(all []key) ([]byte, error) {
	d := admx{
		Space: space, Revision: "1.0", Schema: "1.0", Target: prefixed{"sendjay", "Sendjay.Policies.Sendjay"}, Resources: needed{"1.0"},
		Supported: named{"Supported", said("Supported")},
		Categories: []category{
			{named: named{"Sendjay", said("Sendjay")}},
			{named: named{"Defaults", said("Defaults")}, Parent: &ref{"Sendjay"}},
		},
	}
	for _, k := range all {
		d.Policies = append(d.Policies, ruleOf(k, k.Name, place, "Sendjay"))
	}
	for _, k := range all {
		d.Policies = append(d.Policies, ruleOf(k, recommended(k.Name), place+defaults, "Defaults"))
	}
	return asXML(d)
}

func ruleOf(k key, name, where, under string) rule {
	r := rule{
		Name: name, Class: "Both", Display: said(k.Name), Explain: said(k.Name + "Explain"), Key: where,
		Category: ref{under}, Supported: ref{"Supported"},
	}
	f := field{k.Name, k.Name, true}
	switch k.kind {
	case toggle:
		r.Value, r.On, r.Off = k.Name, &whole{1}, &whole{0}
		return r
	case choice:
		r.Enum = &choose{field: f}
		for _, c := range k.choices {
			r.Enum.Items = append(r.Enum.Items, item{said(k.Name + "_" + c), c})
		}
	case text, number:
		r.Text = &f
	}
	r.Presentation = "$(presentation." + k.Name + ")"
	return r
}

// language is one of the two.
type language struct {
	code, defaults, supported string
	of                        func(key) words
}

var languages = []language{
	{"ko-KR", "권장 값 (사용자가 바꿀 수 있음)", "Windows 10 1809 이상", func(k key) words { return k.ko }},
	{"en-US", "Recommended (the person may choose otherwise)", "Windows 10 1809 or newer", func(k key) words { return k.en }},
}

type (
	adml struct {
		XMLName     xml.Name  `xml:"policyDefinitionResources"`
		Space       string    `xml:"xmlns,attr"`
		Revision    string    `xml:"revision,attr"`
		Schema      string    `xml:"schemaVersion,attr"`
		Display     string    `xml:"displayName"`
		Description string    `xml:"description"`
		Strings     []phrase  `xml:"resources>stringTable>string"`
		Forms       []present `xml:"resources>presentationTable>presentation"`
	}
	phrase struct {
		ID   string `xml:"id,attr"`
		Text string `xml:",chardata"`
	}
	present struct {
		ID    string    `xml:"id,attr"`
		Box   *box      `xml:"textBox"`
		Combo *combo    `xml:"comboBox"`
		List  *dropDown `xml:"dropdownList"`
	}
	box struct {
		To     string `xml:"refId,attr"`
		Label  string `xml:"label"`
		Preset string `xml:"defaultValue,omitempty"`
	}
	combo struct {
		To      string   `xml:"refId,attr"`
		Label   string   `xml:"label"`
		Preset  string   `xml:"default,omitempty"`
		Suggest []string `xml:"suggestion"`
	}
	dropDown struct {
		To     string `xml:"refId,attr"`
		Preset int    `xml:"defaultItem,attr"`
		Label  string `xml:",chardata"`
	}
)

func resources(all []key, l language) ([]byte, error) {
	r := adml{Space: space, Revision: "1.0", Schema: "1.0", Display: "Sendjay", Description: "Sendjay"}
	say := func(id, text string) { r.Strings = append(r.Strings, phrase{id, text}) }
	say("Sendjay", "Sendjay")
	say("Defaults", l.defaults)
	say("Supported", l.supported)
	for _, k := range all {
		w := l.of(k)
		say(k.Name, w.title)
		say(k.Name+"Explain", w.about)
		p := present{ID: k.Name}
		switch k.kind {
		case toggle:
			continue
		case choice:
			p.List = &dropDown{To: k.Name, Label: w.title}
			for i, c := range k.choices {
				say(k.Name+"_"+c, c)
				if c == k.Preset {
					p.List.Preset = i
				}
			}
		case number:
			p.Combo = &combo{k.Name, w.title, k.Preset, k.choices}
		case text:
			p.Box = &box{k.Name, w.title, k.Preset}
		}
		r.Forms = append(r.Forms, p)
	}
	return asXML(r)
}

func asXML(v any) ([]byte, error) {
	raw, err := xml.MarshalIndent(v, "", "  ")
	return []byte(xml.Header + string(raw) + "\n"), err
}
