package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
)

// The road takes the registry's steps one by one, since the registry's own
// functions report errors without their parts. This test holds the steps
// against those functions: a new minor that reorders them must not pass.
func TestTheRoadIsTheRegistrysOwn(t *testing.T) {
	for _, asked := range questions(t) {
		object, _, err := decode(lenient, asked.Doc)
		if err != nil {
			continue
		}
		var ours outcome
		var theirs registryAnswer
		if asked.Old == nil {
			ours = create(object.DeepCopy())
			theirs = beforeCreate(asked.Doc)
		} else {
			old, _, err := decode(lenient, *asked.Old)
			if err != nil {
				continue
			}
			ours = update(object.DeepCopy(), old.DeepCopy())
			theirs = beforeUpdate(asked.Doc, *asked.Old)
		}
		var statusCauses []metav1.StatusCause
		for _, c := range causes(ours.errors) {
			statusCauses = append(statusCauses, metav1.StatusCause{
				Type: metav1.CauseType(c.Type), Message: c.BadValue, Field: c.Field,
			})
		}
		// Upstream walks maps, so two bad labels come in any order.
		slices.SortFunc(statusCauses, byText)
		slices.SortFunc(theirs.causes, byText)
		if !slices.Equal(statusCauses, theirs.causes) {
			t.Errorf("%s: errors\n ours   %v\n theirs %v", asked.ID, statusCauses, theirs.causes)
		}
		if !slices.Equal(ours.warnings, theirs.warnings) {
			t.Errorf("%s: warnings\n ours   %q\n theirs %q", asked.ID, ours.warnings, theirs.warnings)
		}
	}
}

func byText(a, b metav1.StatusCause) int {
	return cmp.Or(strings.Compare(a.Field, b.Field), strings.Compare(a.Message, b.Message))
}

// registryAnswer is also the recorder that the registry gives its warnings to.
type registryAnswer struct {
	causes   []metav1.StatusCause
	warnings []string
}

func (a *registryAnswer) AddWarning(_, text string) { a.warnings = append(a.warnings, text) }

func (a *registryAnswer) read(err error) registryAnswer {
	var status *apierrors.StatusError
	switch {
	case errors.As(err, &status) && status.ErrStatus.Reason == metav1.StatusReasonInvalid:
		a.causes = status.ErrStatus.Details.Causes
	case err != nil:
		// Anything but a list of field errors means that the request was
		// prepared wrongly.
		panic(err)
	}
	return *a
}

func beforeCreate(doc string) registryAnswer {
	versioned, _, _ := decode(lenient, doc)
	object := internal(versioned)
	answer := &registryAnswer{}
	ctx := warning.WithWarningRecorder(requestContext(object.Namespace), answer)
	answer.warnings = dropDuplicateOwners(object)
	object = takeManagedFields(versioned, object)
	rest.WipeObjectMetaSystemFields(object)
	rest.FillObjectMetaSystemFields(object)
	if object.Name == "" && object.GenerateName != "" {
		object.Name = generatedName(object.GenerateName)
	}
	return answer.read(rest.BeforeCreate(daemonset.Strategy, ctx, object))
}

func beforeUpdate(doc, oldDoc string) registryAnswer {
	versioned, _, _ := decode(lenient, doc)
	versionedOld, _, _ := decode(lenient, oldDoc)
	object, old := internal(versioned), internal(versionedOld)
	answer := &registryAnswer{}
	ctx := warning.WithWarningRecorder(requestContext(object.Namespace), answer)
	fillStored(old)
	if object.ResourceVersion == "" {
		object.ResourceVersion = old.ResourceVersion
	}
	answer.warnings = dropDuplicateOwners(object)
	object = takeManagedFields(old, object)
	return answer.read(rest.BeforeUpdate(daemonset.Strategy, ctx, object, old))
}

// questions are a few that reach every kind of step. More can be named as a
// file in the form that judge reads.
func questions(t *testing.T) []judgeQuestion {
	t.Helper()
	text := []byte(fewQuestions)
	if name := os.Getenv("ORACLE_QUESTIONS"); name != "" {
		var err error
		if text, err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	var list []judgeQuestion
	for _, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		var asked judgeQuestion
		if err := json.Unmarshal(line, &asked); err != nil {
			t.Fatal(err)
		}
		list = append(list, asked)
	}
	return list
}

const fewQuestions = `{"id":"accepted","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}"}
{"id":"path in name","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a/b\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}"}
{"id":"generated name","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"generateName\":\"B_\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}"}
{"id":"no name","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}"}
{"id":"metadata","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\",\"labels\":{\"-\":\"/\"},\"annotations\":{\"-\":\"\"},\"finalizers\":[\"x\"],\"generation\":-1,\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"\",\"name\":\"n\",\"uid\":\"u\"}]},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}"}
{"id":"same owner twice","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\",\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"name\":\"n\",\"uid\":\"u\",\"controller\":true},{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"name\":\"n\",\"uid\":\"u\",\"controller\":true}]},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}"}
{"id":"managed fields","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\",\"managedFields\":[{\"manager\":\"mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm\",\"operation\":\"Update\",\"apiVersion\":\"apps/v1\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:spec\":{}}}]},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}"}
{"id":"unreadable managed fields","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\",\"managedFields\":[{\"manager\":\"m\",\"operation\":\"Eat\"}]},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}"}
{"id":"old label","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}],\"nodeSelector\":{\"beta.kubernetes.io/os\":\"linux\"}}}}}"}
{"id":"bad spec","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}},\"minReadySeconds\":-1}}"}
{"id":"same again","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}","old":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}"}
{"id":"new image","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"\"}]}}}}","old":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}"}
{"id":"new selector","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"c\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}","old":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}"}
{"id":"new name","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"b\",\"namespace\":\"other\",\"uid\":\"x\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}","old":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}"}
{"id":"new warning","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}],\"nodeSelector\":{\"beta.kubernetes.io/os\":\"linux\"}}}}}","old":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}"}
{"id":"old dying","doc":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\",\"finalizers\":[\"x/y\"]},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}","old":"{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"metadata\":{\"name\":\"a\",\"deletionTimestamp\":\"2020-01-01T00:00:00Z\",\"deletionGracePeriodSeconds\":1},\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}"}`
