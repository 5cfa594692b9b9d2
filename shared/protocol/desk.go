package protocol

// DeskRoute is a line of the HTTP interface for those who look after others.
type DeskRoute struct {
	Route
	// For is the least role that may ask.
	For Role
}

// DeskRoutes is the table of administration. Whoever lacks the role is answered forbidden.
var DeskRoutes = []DeskRoute{}

// AllRoutes returns every path of the HTTP interface.
func AllRoutes() []Route {
	all := Routes[:len(Routes):len(Routes)]
	for _, r := range DeskRoutes {
		all = append(all, r.Route)
	}
	return all
}
