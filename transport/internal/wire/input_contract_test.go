package wire

import (
	"strings"
	"testing"
)

// The inputs of some endpoints of the headless contract, as it declares them, and
// what it answers. Errors that need an account (taken, unknown, incorrect) are not
// in here: those are the stages' own.
var (
	signupFields = []Field{
		{Name: "email", Type: Email, Required: true},
		{Name: "password", Type: Secret, Required: true},
	}
	phoneSignupFields = []Field{
		{Name: "phone", Type: Phone, Required: true},
		{Name: "email", Type: Email},
		{Name: "password", Type: Secret},
	}
	usernameSignupFields = []Field{
		{Name: "username", Type: Username, Required: true, MinLength: 1, MaxLength: MaxUsername},
		{Name: "email", Type: Email},
		{Name: "password", Type: Secret, Required: true},
	}
	anyLoginFields = []Field{
		{Name: "username", Type: Username, Lookup: true},
		{Name: "email", Type: Email},
		{Name: "phone", Type: Phone},
		{Name: "password", Type: Secret, Required: true},
	}
	changePasswordFields = []Field{
		{Name: "current_password", Type: Secret, Required: true},
		{Name: "new_password", Type: Secret, Required: true},
	}
	resetFields   = []Field{{Name: "key", Type: Secret, Required: true}, {Name: "password", Type: Secret, Required: true}}
	primaryFields = []Field{{Name: "email", Type: Email, Required: true}, {Name: "primary", Type: Bool, Required: true}}
	renameFields  = []Field{{Name: "id", Type: ID, Required: true}, {Name: "name", Type: Text, Required: true, MaxLength: 100}}
	deleteFields  = []Field{{Name: "authenticators", Type: IDList, Required: true}}
	sessionFields = []Field{{Name: "sessions", Type: IDList, Required: true}}
	addKeyFields  = []Field{{Name: "name", Type: Text}, {Name: "credential", Type: JSON, Required: true}}
	trustFields   = []Field{{Name: "trust", Type: Bool}}
	tokenFields   = []Field{
		{Name: "provider", Type: Text, Required: true},
		{Name: "process", Type: Choice, Choices: []string{"login", "connect"}, Required: true},
		{Name: "token", Type: Any, Required: true},
	}
)

type contractCase struct {
	fields []Field
	body   string
	want   string
}

func checkContract(t *testing.T, cases []contractCase) {
	t.Helper()
	for _, tt := range cases {
		_, errs, err := Decode([]byte(tt.body), tt.fields)
		if got := codes(errs); err != nil || got != tt.want {
			t.Errorf("%.100s: %s, %v; want %s", tt.body, got, err, tt.want)
		}
	}
}

func TestContractSignup(t *testing.T) {
	checkContract(t, []contractCase{
		{signupFields, ``, "email:required password:required"},
		{signupFields, `{"email":"x@example.org"}`, "password:required"},
		{signupFields, `{"email":"nonsense","password":"p"}`, "email:invalid"},
		{signupFields, `{"email":"a@b","password":"p"}`, "email:invalid"},
		{signupFields, `{"email":"a b@example.org","password":"p"}`, "email:invalid"},
		{signupFields, `{"email":"x@example.org.","password":"p"}`, "email:invalid"},
		{signupFields, `{"email":5,"password":"p"}`, "email:invalid"},
		{signupFields, `{"email":["a@example.org"],"password":"p"}`, "email:invalid"},
		{signupFields, `{"username":"u","password":"p"}`, "email:required"},
		{signupFields, `{"email":"x@example.org","password":"        "}`, "password:required"},
		{signupFields, `{"email":"x@example.org","password":7391846205}`, ""},
		{signupFields, `{"email":"x@example.org","password":"p","nickname":"x","is_staff":true,"id":1,"verified":true}`, ""},
		{phoneSignupFields, `{"email":"x@example.org","password":"p"}`, "phone:required"},
		{phoneSignupFields, `{"phone":"","email":"x@example.org","password":"p"}`, "phone:required"},
		{phoneSignupFields, `{"phone":"0612345678","password":"p"}`, "phone:invalid_phone"},
		{phoneSignupFields, `{"phone":"+31 6 1234 5678x","password":"p"}`, "phone:invalid_phone"},
		{phoneSignupFields, `{"phone":"abc","password":"p"}`, "phone:invalid_phone"},
		{phoneSignupFields, `{"phone":"+","password":"p"}`, "phone:invalid_phone"},
		{phoneSignupFields, `{"phone":"+1234567890123456789","password":"p"}`, "phone:invalid_phone"},
		{phoneSignupFields, `{"phone":31612345678,"password":"p"}`, "phone:invalid_phone"},
		{phoneSignupFields, `{"phone":"+31612345678","email":"nonsense","password":"a"}`, "email:invalid"},
		{phoneSignupFields, `{"phone":"+31612345678"}`, ""},
		{usernameSignupFields, `{"username":"","email":"x@example.org","password":"p"}`, "username:required"},
		{usernameSignupFields, `{"email":"x@example.org","password":"p"}`, "username:required"},
		{usernameSignupFields, `{"username":"with space","password":"p"}`, "username:invalid"},
		{usernameSignupFields, `{"username":"semi;colon","password":"p"}`, "username:invalid"},
		{usernameSignupFields, `{"username":"` + strings.Repeat("u", 151) + `","password":"p"}`, "username:max_length"},
		{usernameSignupFields, `{"username":"  someone  ","password":"p"}`, ""},
		{usernameSignupFields, `{"username":5,"password":"a"}`, ""},
	})
}

func TestContractLoginAndPasswords(t *testing.T) {
	checkContract(t, []contractCase{
		{anyLoginFields, `{}`, "password:required"},
		{anyLoginFields, `{"username":"with space","password":"p"}`, ""},
		{anyLoginFields, `{"username":"x","email":"bad","password":"p"}`, "email:invalid"},
		{anyLoginFields, `{"phone":"0612345678","password":"p"}`, "phone:invalid_phone"},
		{anyLoginFields, `{"phone":"","password":"p"}`, ""},
		{changePasswordFields, `{}`, "current_password:required new_password:required"},
		{changePasswordFields, `{"current_password":"","new_password":"n"}`, "current_password:required"},
		{changePasswordFields, `{"current_password":"c","new_password":""}`, "new_password:required"},
		{changePasswordFields, `{"current_password":5,"new_password":5}`, ""},
		{resetFields, `{"key":"","password":""}`, "key:required password:required"},
		{resetFields, `{"key":5,"password":5}`, ""},
		{resetFields, `{"key":" k-1 ","password":" p "}`, ""},
	})
}

func TestContractAccount(t *testing.T) {
	checkContract(t, []contractCase{
		{primaryFields, `{}`, "email:required primary:required"},
		{primaryFields, `{"email":"x@example.org"}`, "primary:required"},
		{primaryFields, `{"email":"x@example.org","primary":false}`, "primary:required"},
		{primaryFields, `{"email":"nonsense","primary":true}`, "email:invalid"},
		{primaryFields, `{"email":"X@EXAMPLE.org","primary":"true"}`, ""},
		{renameFields, `{}`, "id:required name:required"},
		{renameFields, `{"id":1}`, "name:required"},
		{renameFields, `{"id":1,"name":""}`, "name:required"},
		{renameFields, `{"id":1,"name":"` + strings.Repeat("n", 101) + `"}`, "name:max_length"},
		{renameFields, `{"id":1,"name":"` + strings.Repeat("n", 100) + `"}`, ""},
		{renameFields, `{"id":"abc","name":"x"}`, "id:invalid_choice"},
		{deleteFields, ``, "authenticators:required"},
		{deleteFields, `{"authenticators":[]}`, "authenticators:required"},
		{deleteFields, `{"authenticators":"abc"}`, "authenticators:invalid_list"},
		{deleteFields, `{"authenticators":[1,999999]}`, ""},
		{sessionFields, `{"sessions":[null]}`, "sessions:invalid_choice"},
		{sessionFields, `{"sessions":{"a":1}}`, "sessions:invalid_pk_value"},
		{sessionFields, `{"sessions":[3,3]}`, ""},
		{trustFields, `{}`, ""},
		{trustFields, `{"trust":null}`, ""},
	})
}

func TestContractCredentialsAndTokens(t *testing.T) {
	checkContract(t, []contractCase{
		{addKeyFields, `{}`, "credential:required"},
		{addKeyFields, `{"name":"x"}`, "credential:required"},
		{addKeyFields, `{"name":"x","credential":null}`, "credential:required"},
		{addKeyFields, `{"name":"x","credential":{}}`, "credential:required"},
		{addKeyFields, `{"name":"x","credential":"nonsense"}`, "credential:invalid"},
		{addKeyFields, `{"credential":{"id":"x"}}`, ""},
		{addKeyFields, `{"name":"` + strings.Repeat("n", 101) + `","credential":{"id":"x"}}`, ""},
		{tokenFields, ``, "provider:required process:required token:required"},
		{tokenFields, `{"provider":"mock","process":"login"}`, "token:required"},
		{tokenFields, `{"provider":"mock","process":"login","token":"x"}`, ""},
		{tokenFields, `{"provider":"mock","process":"login","token":[]}`, "token:required"},
		{tokenFields, `{"provider":"mock","process":"login","token":{}}`, "token:required"},
		{tokenFields, `{"provider":"mock","process":"nonsense","token":{"id_token":"x"}}`, "process:invalid_choice"},
		{tokenFields, `{"provider":"mock","token":{"id_token":"x"}}`, "process:required"},
		{tokenFields, `{"process":"login","token":{"id_token":"x"}}`, "provider:required"},
	})
}

// TestContractCleaned is what the contract makes of good values.
func TestContractCleaned(t *testing.T) {
	v, errs, err := Decode([]byte(`{"username":" ｂob ","email":" Bob@Example.ORG ","password":"  two words  "}`), usernameSignupFields)
	if err != nil || errs != nil {
		t.Fatal(errs, err)
	}
	for name, want := range map[string]string{"username": "bob", "email": "bob@example.org", "password": "two words"} {
		if got := v.Text(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// TestContractKeepsGoodValues: a password can be judged though the address is wrong,
// so that all errors can be reported at once.
func TestContractKeepsGoodValues(t *testing.T) {
	v, errs, err := Decode([]byte(`{"email":"nonsense","password":"a"}`), signupFields)
	if err != nil || codes(errs) != "email:invalid" {
		t.Fatal(errs, err)
	}
	if v.Valid("email") || !v.Valid("password") || v.Text("password") != "a" {
		t.Error("a good value was lost beside a bad one")
	}
}
