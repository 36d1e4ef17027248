package source

import "context"

func (z *Zones) terraform(_ context.Context, path, _ string) error {
	return wrongAt(path, 0, terraformForm.notPlan())
}
func (z *Zones) cloudFormation(string, *node) ([]problem, error) {
	return []problem{{text: cloudFormationForm.notPlan()}}, nil
}
func (z *Zones) pulumi(string, *node) ([]problem, error) {
	return []problem{{text: pulumiForm.notPlan()}}, nil
}
func isTemplate(n *node) bool { return n.at("Resources") != nil && n.at("Resources").mapping }
