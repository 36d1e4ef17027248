package spf

type macro struct{}
