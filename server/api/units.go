package api

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"sendjay/server/directory"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

func (a *API) units(_ http.ResponseWriter, r *http.Request) (any, error) {
	from, n, err := pageOf(r)
	if err != nil {
		return nil, err
	}
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	if err := plain(q, "q"); err != nil {
		return nil, err
	}
	all, known, err := a.People.Rows(r.Context(), q, r.URL.Query().Get("sort"))
	if err == nil && !known {
		err = protocol.RefuseField(protocol.BadRequest, "sort")
	}
	if err != nil {
		return nil, err
	}
	page := protocol.UnitsPage{Total: len(all), Units: all[min(from, len(all)):min(from+n, len(all))]}
	if from+len(page.Units) < len(all) {
		page.Next = strconv.Itoa(from + len(page.Units))
	}
	return page, nil
}

func (a *API) newUnit(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.NewUnit
	if err := body(r, &in); err != nil {
		return nil, err
	}
	by := a.deed(r, "org.add", in.Code)
	by.About = in
	return struct{}{}, a.changeOrgs(r, by, func(all []store.OrgRow) ([]store.OrgRow, error) { return directory.WithUnit(all, in) })
}

func (a *API) editUnit(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.EditUnit
	if err := body(r, &in); err != nil {
		return nil, err
	}
	code := r.PathValue("code")
	by := a.deed(r, "org.edit", code)
	by.About = in
	return struct{}{}, a.changeOrgs(r, by, func(all []store.OrgRow) ([]store.OrgRow, error) { return directory.EditedUnit(all, code, in) })
}

func (a *API) dropUnit(_ http.ResponseWriter, r *http.Request) (any, error) {
	code := r.PathValue("code")
	return struct{}{}, a.changeOrgs(r, a.deed(r, "org.remove", code), func(all []store.OrgRow) ([]store.OrgRow, error) { return directory.WithoutUnit(all, code) })
}

func (a *API) changeOrgs(r *http.Request, by store.Act, f func([]store.OrgRow) ([]store.OrgRow, error)) error {
	err := a.Desk.ChangeOrgs(r.Context(), by, f)
	if errors.Is(err, store.ErrInhabited) {
		return protocol.RefuseField(protocol.Conflict, "people")
	}
	return err
}
