package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	logsapi "k8s.io/component-base/logs/api/v1"

	"kuberlock.dev/testbed/release-tables/part"
)

// fields lists every field of the configuration, but for apiVersion and kind,
// in the order of the type, with both defaults.
func fields() ([]part.ConfigurationField, error) {
	file, err := fileDefaults()
	if err != nil {
		return nil, err
	}
	flag, err := flagDefaults()
	if err != nil {
		return nil, err
	}
	var listed list
	err = listed.structure("", reflect.TypeOf(*file), reflect.ValueOf(*file), reflect.ValueOf(*flag))
	return listed, err
}

type list []part.ConfigurationField

// structure adds the fields of one structure; file and flag are its values, or
// invalid where the structure itself is not set.
func (l *list) structure(prefix string, t reflect.Type, file, flag reflect.Value) error {
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Type == reflect.TypeOf(metav1.TypeMeta{}) {
			continue
		}
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		inner, ofFile, ofFlag := field.Type, at(file, i), at(flag, i)
		if inner.Kind() == reflect.Pointer {
			inner, ofFile, ofFlag = inner.Elem(), target(ofFile), target(ofFlag)
		}
		var err error
		switch {
		case name == "" && (field.Anonymous || strings.Contains(options, "inline")):
			err = l.structure(prefix, inner, ofFile, ofFlag)
		case isStructure(inner):
			err = l.structure(prefix+name+".", inner, ofFile, ofFlag)
		default:
			err = l.value(prefix+name, inner, ofFile, ofFlag)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// value adds one field that is no structure, and below it the fields of the
// structures that it lists.
func (l *list) value(path string, t reflect.Type, file, flag reflect.Value) error {
	ofFile, err := asJSON(file)
	if err != nil {
		return err
	}
	ofFlag, err := asJSON(flag)
	if err != nil {
		return err
	}
	added := part.ConfigurationField{Field: path, Type: typeName(t), Default: ofFile}
	if !bytes.Equal(ofFile, ofFlag) {
		added.FlagDefault = ofFlag
	}
	*l = append(*l, added)

	switch {
	case t.Kind() == reflect.Slice && isStructure(t.Elem()):
		return l.structure(path+"[].", t.Elem(), reflect.Value{}, reflect.Value{})
	case t.Kind() == reflect.Map && isStructure(t.Elem()):
		return l.structure(path+"{}.", t.Elem(), reflect.Value{}, reflect.Value{})
	}
	return nil
}

func at(structure reflect.Value, i int) reflect.Value {
	if !structure.IsValid() {
		return reflect.Value{}
	}
	return structure.Field(i)
}

func target(pointer reflect.Value) reflect.Value {
	if !pointer.IsValid() || pointer.IsNil() {
		return reflect.Value{}
	}
	return pointer.Elem()
}

func asJSON(value reflect.Value) (json.RawMessage, error) {
	if !value.IsValid() {
		return json.RawMessage("null"), nil
	}
	return json.Marshal(value.Interface())
}

// scalars are structures that are written as one word.
var scalars = map[reflect.Type]string{
	reflect.TypeOf(metav1.Duration{}):            "duration",
	reflect.TypeOf(metav1.Time{}):                "time",
	reflect.TypeOf(logsapi.TimeOrMetaDuration{}): "duration",
	reflect.TypeOf(resource.Quantity{}):          "quantity",
	reflect.TypeOf(resource.QuantityValue{}):     "quantity",
}

func isStructure(t reflect.Type) bool {
	_, scalar := scalars[t]
	return t.Kind() == reflect.Struct && !scalar
}

func typeName(t reflect.Type) string {
	if name, scalar := scalars[t]; scalar {
		return name
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.Slice:
		return "[]" + typeName(t.Elem())
	case reflect.Map:
		return "map[" + typeName(t.Key()) + "]" + typeName(t.Elem())
	case reflect.Struct:
		return "object"
	default:
		return t.Kind().String()
	}
}
