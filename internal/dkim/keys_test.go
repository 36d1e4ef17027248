package dkim

// Keys made for these tests: `openssl genrsa 2048`, `openssl rsa -pubout`,
// `openssl rsa -RSAPublicKey_out`, and the like. All are SubjectPublicKeyInfo
// but those that say otherwise.
const (
	rsa512 = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAOOPINKrKquFj8jpayDrqNfxagg+bBdvHFG8Gt25P1NLA2k5RW8TvG0BBs5L94tV" +
		"saXEB0o1mHdT4nZfDV+Sf2UCAwEAAQ=="
	rsa1024 = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC6H8b1waza/oy/4Gq0Unnf+Qae4ackTYb65avTr5zEtRnHNPSzJH/Tj9CF" +
		"tY4NrLlir4PzCLlVedbc7EKvVRuBQTY8OJx3bYEu7yQOd+rLl5/WhaVybtXmmvs1r36VPMY2mK5GW9TKHHv2Iqu8KcNTghnE" +
		"LCZzBu1w/rj6ldQlfwIDAQAB"
	rsa2048 = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqI2j2ORxrHC4LMzwo8EBphRZmPfmsf7yN/mBItmtntWwMjPVJbSF" +
		"nrlAUjvaxJjtI3rHLy0WRW8AGUEb7ZSUT8V+CfUmZxzo1Ktexl5SoVrHtAk32ajVy89gA4gdmb59P9e0Hv87VlHaxCwaL5pc" +
		"MlPCXbcS+YgG4PCaKK+WZtdQslgdRo89l7TohqYx7L7peUPvqhiufZUT/7cG+5Q293zAg9un5wNPQniaZxujeIPnOEnb+cS+" +
		"oiQIfdnumDIAmosljCpMY4UVXyn0YODlqCDV4TWZ2AmOWz3xMShPw21thKz/ziRE4Mqo+H4wilFTWF0V5rlZ0SbOUOHaneqr" +
		"DQIDAQAB"
	rsa2048PKCS1 = "MIIBCgKCAQEAqI2j2ORxrHC4LMzwo8EBphRZmPfmsf7yN/mBItmtntWwMjPVJbSFnrlAUjvaxJjtI3rHLy0WRW8AGUEb7ZSU" +
		"T8V+CfUmZxzo1Ktexl5SoVrHtAk32ajVy89gA4gdmb59P9e0Hv87VlHaxCwaL5pcMlPCXbcS+YgG4PCaKK+WZtdQslgdRo89" +
		"l7TohqYx7L7peUPvqhiufZUT/7cG+5Q293zAg9un5wNPQniaZxujeIPnOEnb+cS+oiQIfdnumDIAmosljCpMY4UVXyn0YODl" +
		"qCDV4TWZ2AmOWz3xMShPw21thKz/ziRE4Mqo+H4wilFTWF0V5rlZ0SbOUOHaneqrDQIDAQAB"
	ed25519Raw  = "ousZtTGt12mKFPbrDFTZJYX+vX0odvLjZwwVKgkOAt4="
	ed25519SPKI = "MCowBQYDK2VwAyEAousZtTGt12mKFPbrDFTZJYX+vX0odvLjZwwVKgkOAt4="
	ecP256      = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmSu13/o/ZXgR63FmOxOTaDDA+hoBuM8spo1isLcj2WkJa4oPzql7V7caP4ig" +
		"zB0daY99dcX5nOJpQTOUBdJ6wg=="
)
