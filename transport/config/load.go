package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/knadh/koanf/maps"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
)

// envPrefix begins the name of every variable that is a key; two underscores
// stand between levels: STAGEDOOR_ACCOUNT__EMAIL_VERIFICATION.
const envPrefix = "STAGEDOOR_"

// maxExtends is how many files may build on one another.
const maxExtends = 8

// notKeys are variables with the prefix that are no keys: the configuration
// file's path, what the tests require, and what container platforms set for a
// service of that name (STAGEDOOR_PORT=tcp://..., STAGEDOOR_SERVICE_HOST).
var notKeys = regexp.MustCompile(`^(CONFIG|REQUIRE|NAME|PORT(_\d+_(TCP|UDP)(_\w+)?)?|SERVICE_(HOST|PORT)(_\w+)?)$`)

// Load is LoadOver the defaults.
func Load(file string, env []string) (Config, error) { return LoadOver(Default(), file, env) }

// LoadOver reads a configuration: what base says, over it the YAML file, over
// that the variables of env (in the form of os.Environ) that begin with
// STAGEDOOR_. An empty file name is no file. A file may build on another by
// `extends: PATH`, relative to itself. Sections are laid over one another key by
// key, lists replace one another, a key without a value keeps what base says.
//
// The error is a Faults with every fault there is, unknown keys and those of
// Validate included; the Config is then the zero value.
func LoadOver(base Config, file string, env []string) (Config, error) {
	var d decoder
	next := d.read(base, file, env)
	return d.judged(next, next.Validate)
}

// LoadWithoutSecrets is Load for who judges a configuration and does not serve it, and need not
// be trusted with its secrets: those that are missing, or whose files are not here, are no
// faults. [Config.AbsentSecrets] lists them, and [Config.Validate] refuses to serve them.
func LoadWithoutSecrets(file string, env []string) (Config, error) {
	d := decoder{without: true}
	next := d.read(Default(), file, env)
	next.SocialAccount.Providers = next.withoutProviderSecrets()
	return d.judged(next, next.ValidateWithoutSecrets)
}

// read lays everything over base.
func (d *decoder) read(base Config, file string, env []string) Config {
	layers := koanf.New(".")
	if file != "" {
		d.loadFile(layers, file, 0)
	}
	variables, providers := d.readEnv(env)
	d.layer(layers, variables)

	next := base
	d.section("", layers.Raw(), reflect.ValueOf(&next).Elem())
	d.intoProviders(&next.SocialAccount, providers)
	return next
}

// Over lays a YAML text over a configuration, like the file of [LoadOver] over its base, for
// somebody who asks what would be otherwise. The text is somebody's who may see the answer but
// not this machine: keys that name a file to be read are faults. The error is a Faults; the
// Config is then the zero value.
func Over(base Config, text []byte) (Config, error) {
	var d decoder
	keys, err := parseYAML(text)
	if err != nil {
		d.fault("text", nil, err)
		d.unread = true
	}
	d.refuseFiles("", keys)
	layers := koanf.New(".")
	d.layer(layers, keys)
	next := base
	d.section("", layers.Raw(), reflect.ValueOf(&next).Elem())
	return d.judged(next, next.Validate)
}

// refuseFiles takes out the keys that name files, at any depth, each with a fault.
func (d *decoder) refuseFiles(path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if namesFile(path, key) {
				delete(v, key)
				d.faults = append(d.faults, Fault{Key: path + key, Problem: "names a file, and none is read here", Hint: "compare files with: stagedoor check --diff FILE"})
				continue
			}
			d.refuseFiles(path+key+".", v[key])
		}
	case []any:
		for i, below := range v {
			d.refuseFiles(indexed(strings.TrimSuffix(path, "."), i)+".", below)
		}
	}
}

// namesFile reports whether a key below a path, which ends with a dot, names a file that is read.
func namesFile(path, key string) bool {
	switch path + key {
	case "extends", "pages.logo", "pages.css", "pages.texts":
		return true
	}
	return strings.HasSuffix(key, fileSuffix) || strings.HasSuffix(key, fileSuffix+"s")
}

// judged adds what is wrong with a configuration that was read, where all of it was.
func (d *decoder) judged(next Config, validate func() error) (Config, error) {
	if faults, ok := errors.AsType[Faults](validate()); ok && !d.unread {
		d.faults = slices.DeleteFunc(d.faults, func(f Fault) bool { return f.isSwitch() && faults.of(f.Key) })
		d.faults = append(d.faults, slices.DeleteFunc(faults, d.reported)...)
	}
	if err := d.faults.orNil(); err != nil {
		return Config{}, err
	}
	return next, nil
}

// reported says whether a fault follows from another: its key, or one below it, could not
// be read.
func (d *decoder) reported(fault Fault) bool {
	return slices.ContainsFunc(d.faults, func(earlier Fault) bool {
		return earlier.Key == fault.Key || earlier.Key == fault.Key+fileSuffix || strings.HasPrefix(earlier.Key, fault.Key+".")
	})
}

// layer lays a map over what was read before, without the keys that do not exist.
func (d *decoder) layer(layers *koanf.Koanf, keys map[string]any) {
	prune(reflect.TypeFor[Config](), "", keys, &d.faults)
	if err := layers.Load(confmap.Provider(keys, ""), nil); err != nil {
		d.faults = append(d.faults, Fault{Key: "configuration", Problem: "cannot be put together: " + err.Error()})
	}
}

// loadFile lays the files that this one builds on, and then the file itself.
func (d *decoder) loadFile(layers *koanf.Koanf, file string, depth int) {
	keys, err := readYAML(file)
	if err != nil {
		d.fault(file, nil, err)
		d.unread = true
		return
	}
	if below, given := keys["extends"]; given {
		delete(keys, "extends")
		switch path, err := toText(below); {
		case err != nil || path == "":
			d.fault("extends", below, Fault{Problem: "must be the path of a file", Hint: "relative to " + file})
		case depth == maxExtends:
			d.fault("extends", below, Fault{Problem: "too many files build on one another", Hint: "does " + file + " extend itself?"})
		case filepath.IsAbs(path):
			d.loadFile(layers, path, depth+1)
		default:
			d.loadFile(layers, filepath.Join(filepath.Dir(file), path), depth+1)
		}
	}
	d.layer(layers, keys)
}

// readYAML reads a file of keys. An empty file has none.
func readYAML(file string) (map[string]any, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, Fault{Problem: "cannot be read: " + reason(err), Hint: "give the path of a YAML file"}
	}
	return parseYAML(content)
}

// parseYAML reads a text of keys.
func parseYAML(content []byte) (map[string]any, error) {
	keys, err := yaml.Parser().Unmarshal(content)
	if err != nil {
		return nil, notYAML(err)
	}
	if keys == nil {
		keys = map[string]any{}
	}
	maps.IntfaceKeysToStrings(keys)
	return keys, nil
}

// notYAML passes on what the parser says, but for messages that quote what
// stands in the file.
func notYAML(err error) Fault {
	said := strings.Join(strings.Fields(err.Error()), " ")
	said = strings.TrimPrefix(strings.TrimPrefix(said, "yaml: "), "unmarshal errors: ")
	if strings.Contains(said, "`") || strings.Contains(said, "invalid map key") || strings.Contains(said, "cannot unmarshal") {
		return Fault{Problem: "holds something else than keys and values", Hint: "write lines such as listen: 127.0.0.1:8080"}
	}
	return Fault{Problem: "not YAML: " + said, Hint: "indent with spaces, and put text with : or # in quotes"}
}

// readEnv makes the keys of the environment, and apart from them those of
// single providers: a list has no names that layers could agree on.
func (d *decoder) readEnv(env []string) (keys, providers map[string]any) {
	keys, providers = map[string]any{}, map[string]any{}
	for _, entry := range env {
		name, text, _ := strings.Cut(entry, "=")
		bare, ours := strings.CutPrefix(name, envPrefix)
		if !ours || notKeys.MatchString(bare) {
			continue
		}
		path := strings.Split(strings.ToLower(bare), "__")
		into := keys
		if len(path) > 2 && path[0] == "socialaccount" && path[1] == "providers" {
			path, into = path[2:], providers
		}
		if !put(into, path, envText{Name: name, Text: text}) {
			d.faults = append(d.faults, Fault{Key: name, Problem: "clashes with another variable", Hint: "one of them is the other's section"})
		}
	}
	return keys, providers
}

// put sets a value deep in a map; false where a value stands in the way.
func put(into map[string]any, path []string, value envText) bool {
	for _, key := range path[:len(path)-1] {
		if into[key] == nil {
			into[key] = map[string]any{}
		}
		below, ok := into[key].(map[string]any)
		if !ok {
			return false
		}
		into = below
	}
	last := path[len(path)-1]
	if _, taken := into[last].(map[string]any); taken {
		return false
	}
	into[last] = value
	return true
}

// intoProviders lays the environment's keys of single providers, named by id,
// over the list.
func (d *decoder) intoProviders(social *SocialAccount, byID map[string]any) {
	social.Providers = slices.Clone(social.Providers)
	for _, id := range sortedKeys(byID) {
		path := "socialaccount.providers." + id
		i := slices.IndexFunc(social.Providers, func(p Provider) bool {
			return strings.ReplaceAll(strings.ToLower(p.Key()), "-", "_") == id
		})
		keys, ok := byID[id].(map[string]any)
		if i < 0 || !ok {
			d.faults = append(d.faults, Fault{Key: path, Problem: "set in the environment, but no provider has that id",
				Hint: "list providers in the file; a key of one is " + envPrefix + "SOCIALACCOUNT__PROVIDERS__ID__SECRET"})
			continue
		}
		prune(reflect.TypeFor[Provider](), path+".", keys, &d.faults)
		d.section(path+".", keys, reflect.ValueOf(&social.Providers[i]).Elem())
	}
}
