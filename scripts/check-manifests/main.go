// Renders a kustomization as `kubectl apply -k` does, and asks the API server's own code what it would say to each
// object: strict decoding (no unknown or doubled field), defaults, then validation. No cluster is needed.
package main

import (
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/rbac"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	rbacvalidation "k8s.io/kubernetes/pkg/apis/rbac/validation"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	schedulingvalidation "k8s.io/kubernetes/pkg/apis/scheduling/validation"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func main() {
	failed := false
	for _, folder := range os.Args[1:] {
		for _, finding := range check(folder) {
			fmt.Printf("%s: %s\n", folder, finding)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

func check(folder string) []string {
	rendered, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return []string{err.Error()}
	}
	decoder := serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	var findings []string
	objects := map[string]bool{}
	var daemonSets []*apps.DaemonSet
	for _, resource := range rendered.Resources() {
		name := resource.GetKind() + "/" + resource.GetName()
		objects[name] = true
		object, err := internal(decoder, resource.MustYaml())
		if err != nil {
			findings = append(findings, fmt.Sprintf("%s: %v", name, err))
			continue
		}
		if daemonSet, is := object.(*apps.DaemonSet); is {
			daemonSets = append(daemonSets, daemonSet)
		}
		for _, finding := range validate(object) {
			findings = append(findings, fmt.Sprintf("%s: %v", name, finding))
		}
	}
	for _, daemonSet := range daemonSets {
		for _, name := range references(daemonSet) {
			if !objects[name] {
				findings = append(findings, name+" is named by the DaemonSet, but is not there")
			}
		}
	}
	fmt.Printf("%s: %d objects, %d findings\n", folder, len(objects), len(findings))
	return findings
}

// internal is how the API server holds the object: decoded from its version, with the defaults filled in.
func internal(decoder runtime.Decoder, yaml string) (runtime.Object, error) {
	versioned, _, err := decoder.Decode([]byte(yaml), nil, nil)
	if err != nil {
		return nil, err
	}
	legacyscheme.Scheme.Default(versioned)
	return legacyscheme.Scheme.ConvertToVersion(versioned, runtime.InternalGroupVersioner)
}

func validate(object runtime.Object) field.ErrorList {
	switch object := object.(type) {
	case *apps.DaemonSet:
		template := &object.Spec.Template
		options := podutil.GetValidationOptionsFromPodTemplate(template, nil)
		return appsvalidation.ValidateDaemonSet(object, options)
	case *core.ConfigMap:
		return corevalidation.ValidateConfigMap(object)
	case *core.Namespace:
		return corevalidation.ValidateNamespace(object)
	case *core.ServiceAccount:
		return corevalidation.ValidateServiceAccount(object)
	case *rbac.ClusterRole:
		return rbacvalidation.ValidateClusterRole(object, rbacvalidation.ClusterRoleValidationOptions{})
	case *rbac.ClusterRoleBinding:
		return rbacvalidation.ValidateClusterRoleBinding(object)
	case *scheduling.PriorityClass:
		return schedulingvalidation.ValidatePriorityClass(object)
	}
	return field.ErrorList{field.InternalError(nil, fmt.Errorf("main.go does not know how to validate a %T", object))}
}

// references are the objects without which the DaemonSet's pods would not start. Its Secret is made by hand.
func references(daemonSet *apps.DaemonSet) []string {
	spec := daemonSet.Spec.Template.Spec
	names := []string{
		"Namespace/" + daemonSet.Namespace,
		"ServiceAccount/" + spec.ServiceAccountName,
		"PriorityClass/" + spec.PriorityClassName,
	}
	for _, volume := range spec.Volumes {
		if volume.ConfigMap != nil {
			names = append(names, "ConfigMap/"+volume.ConfigMap.Name)
		}
	}
	return names
}
