package protocol

// The second factor: codes of an authenticator app (RFC 6238) beside the password.

// Factor says how it is with my second factor.
type Factor struct {
	// Live is set while signing in asks for a code; Codes counts the recovery codes that are left.
	Live  bool `json:"live"`
	Codes int  `json:"codes"`
	// Password is set where beginning asks for my password.
	Password bool `json:"password"`
}

// BeginFactor begins a second factor. Nothing is asked at sign-in before it is confirmed.
type BeginFactor struct {
	Password string `json:"password,omitempty"`
}

// FactorSecret is what an authenticator app needs. It is said this once.
type FactorSecret struct {
	// Secret is for typing (base32), URI is what the picture says.
	Secret string `json:"secret"`
	URI    string `json:"uri"`
	// Rows is the QR picture, line by line: 1 is dark, 0 light.
	Rows []string `json:"rows"`
}

// FactorCode proves the second factor by a code of the app or by a recovery code.
type FactorCode struct {
	Code string `json:"code"`
}

// FactorCodes are recovery codes; each serves once. They are said this once.
type FactorCodes struct {
	Codes []string `json:"codes"`
}
