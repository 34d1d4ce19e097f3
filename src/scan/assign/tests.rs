use super::*;

fn read(text: &str, path: &str) -> Option<(Named, Form, String)> {
    let lower = text.to_ascii_lowercase();
    let words = ["pass", "pwd", "secret", "token", "key", "auth", "cred", "salt"];
    let mut positions: Vec<usize> =
        words.iter().flat_map(|word| lower.match_indices(word).map(|(at, _)| at)).collect();
    positions.sort_unstable();
    let syntax = Syntax::of(path.as_bytes());
    positions.into_iter().find_map(|position| {
        let found = at(text.as_bytes(), position, syntax).assignment?;
        Some((found.named, found.form, text[found.value..found.end].to_owned()))
    })
}

#[test]
fn values_are_read_in_every_language() {
    use Form::{Argument, Bare, Compared, Fallback, Inline, Quoted, Said};
    use Named::{Auth, Password, Secret, Token};
    let mut wrong = Vec::new();
    for (path, text, named, form) in [
        ("a.py", "DB_PASSWORD = 'VALUE'", Password, Quoted),
        ("a.py", "password: str = 'VALUE'", Password, Quoted),
        ("a.py", "connect(user='a', passwd=b'VALUE')", Password, Quoted),
        ("a.py", "k = os.environ.get('API_KEY', 'VALUE')", Token, Argument),
        ("a.py", "api_key = os.environ.get('X', 'VALUE')", Token, Fallback),
        ("a.py", "url = 'host=db user=a password=VALUE'", Password, Inline),
        ("a.js", "const apiKey = \"VALUE\";", Token, Quoted),
        ("a.js", "const secret = process.env.S || 'VALUE'", Secret, Fallback),
        ("a.js", "{\\\"password\\\": \\\"VALUE\\\"}", Password, Quoted),
        ("a.ts", "private password?: string = 'VALUE';", Password, Quoted),
        ("A.java", "String password = new String(\"VALUE\");", Password, Quoted),
        ("A.java", "props.put(\"db.password\", \"VALUE\");", Password, Argument),
        ("A.java", "conn.setPassword(\"VALUE\");", Password, Argument),
        ("A.java", "if (password.equals(x) || pwd == \"VALUE\")", Password, Compared),
        ("A.cs", "Password = @\"VALUE\"", Password, Quoted),
        ("a.go", "var token string = \"VALUE\"", Token, Quoted),
        ("a.go", "const clientSecret = `VALUE`", Secret, Quoted),
        ("a.rs", "const TOKEN: &'static str = \"VALUE\";", Token, Quoted),
        ("a.c", "static char password[32] = \"VALUE\";", Password, Quoted),
        ("a.rb", ":password => 'VALUE'", Password, Quoted),
        ("a.php", "define('DB_PASSWORD', 'VALUE');", Password, Argument),
        ("a.php", "$this->password = 'VALUE';", Password, Quoted),
        ("a.swift", "let authToken: String? = \"VALUE\"", Token, Quoted),
        ("a.sql", "CREATE USER a WITH PASSWORD 'VALUE'", Password, Quoted),
        ("a.yml", "  password: VALUE # prod", Password, Bare),
        ("a.ini", "Password = VALUE", Password, Bare),
        ("a.properties", "spring.datasource.password=VALUE", Password, Bare),
        (".env", "export SECRET_KEY=VALUE", Secret, Bare),
        (".netrc", "machine h login u\npassword VALUE", Password, Bare),
        ("a.sh", "mysqldump --password=VALUE db", Password, Bare),
        ("a.sh", "login --password VALUE db", Password, Bare),
        ("a.sh", "P=${DB_PASSWORD:-VALUE}", Password, Fallback),
        ("a.xml", "<db.password>VALUE</db.password>", Password, Quoted),
        ("a.xml", "<Pass encoding=\"plain\">VALUE</Pass>", Password, Quoted),
        ("a.xml", "<property name=\"password\" value=\"VALUE\"/>", Password, Quoted),
        ("a.xml", "<entry name=\"password\">VALUE</entry>", Password, Quoted),
        ("a.html", "<input name=\"api_key\" type=\"hidden\" value=\"VALUE\">", Token, Quoted),
        ("a.md", "Client secret: VALUE, to be kept", Secret, Bare),
        ("a.json", "{\"auth\": \"VALUE\"}", Auth, Quoted),
        ("a.py", "password = (\n    'VALUE'\n)", Password, Quoted),
        ("a.py", "# password: VALUE", Password, Said),
        ("a.php", "$token .= 'VALUE'", Token, Quoted),
        ("a.go", "secret := []byte(\"VALUE\")", Secret, Quoted),
        ("a.c", "char *password = (char *)\"VALUE\";", Password, Quoted),
        ("A.java", "env.put(Context.SECURITY_CREDENTIALS, \"VALUE\")", Secret, Argument),
        ("a.tf", "variable \"db_password\" {\n  default = \"VALUE\"\n}", Password, Quoted),
        ("a.xml", "<ns:password>\n  VALUE\n</ns:password>", Password, Quoted),
        ("a.xml", "<Password><Value>VALUE</Value></Password>", Password, Quoted),
        ("a.yml", "password: >-\n  VALUE\n", Password, Bare),
        ("a.log", "GET /?user=a&password=VALUE&x=1", Password, Inline),
        ("a.md", "The password for db1 is VALUE", Password, Bare),
        ("a.md", "**Password:** VALUE", Password, Bare),
        ("a.md", "| password | `VALUE` |", Password, Quoted),
        ("a.md", "user `ann` and password `VALUE`", Password, Quoted),
        ("a.rb", "let(:password) { \"VALUE\" }", Password, Quoted),
        ("a.rb", concat!("set :pass", "word, 'VALUE'"), Password, Argument),
        ("a.rb", "user.password = user.password_confirmation = \"VALUE\"", Password, Quoted),
        ("a.cpp", "const std::string password{\"VALUE\"};", Password, Quoted),
        ("A.cs", "public string Password { get; set; } = \"VALUE\";", Password, Quoted),
        ("A.cs", "if (txtPassword.Text == \"VALUE\")", Password, Compared),
        ("A.java", "if (\"VALUE\".equals(password)) {", Password, Compared),
        ("a.go", "if r.FormValue(\"password\") == \"VALUE\" {", Password, Compared),
        ("a.php", "'password' => Hash::make('VALUE'),", Password, Quoted),
        ("a.py", "url = 'h?user=' + 'a' + '&password=' + 'VALUE'", Password, Inline),
        ("a.py", "user, password = 'ann', 'VALUE'", Password, Quoted),
        ("a.go", "password, user := \"VALUE\", \"ann\"", Password, Quoted),
        ("a.php", "list($user, $pass) = ['ann', 'VALUE'];", Password, Quoted),
        ("A.java", "props.put(\n    \"password\",\n    \"VALUE\");", Password, Argument),
        ("A.java", "conn.setPassword(\n    \"VALUE\");", Password, Argument),
        ("A.java", "Map.of(\"user\", \"ann\", \"password\", \"VALUE\")", Password, Argument),
        ("a.py", "add_argument('--password', type=str, default='VALUE')", Password, Argument),
        ("a.py", "password = Field(default='VALUE')", Password, Fallback),
        ("a.js", "$('#password').val('VALUE')", Password, Argument),
        ("a.swift", "passwordField.typeText(\"VALUE\")", Password, Argument),
        ("a.erl", "{password, <<\"VALUE\">>}", Password, Argument),
        ("a.pl", "$password = q{VALUE};", Password, Quoted),
        ("a.vb", "Dim password As String = \"VALUE\"", Password, Quoted),
        ("a.json", r#"{"a": "{\\\"password\\\": \\\"VALUE\\\"}"}"#, Password, Quoted),
        ("a.js", "x = \"\\npassword=VALUE\"", Password, Inline),
        ("a.java", "String datenbankKennwort_pwd = \"VALUE\";", Password, Quoted),
        ("a.yml", "contrase\u{f1}a_pwd: VALUE", Password, Bare),
    ] {
        let found = read(text, path);
        if found != Some((named, form, "VALUE".to_owned())) {
            wrong.push(format!("{path}: {text}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_no_literal_or_names_something_else_is_left_alone() {
    let mut wrong = Vec::new();
    for (path, text) in [
        ("a.py", "password = getpass()"),
        ("a.py", "password = config['password']"),
        ("a.py", "connect(password=password)"),
        ("a.py", "token = request.headers['Authorization']"),
        ("a.py", "token: str"),
        ("a.js", "passwordField: 'VALUE'"),
        ("a.js", "const tokenType = 'VALUE'"),
        ("a.js", "keyboard = 'VALUE'"),
        ("a.js", "publicKey: 'VALUE'"),
        ("a.js", "author: 'VALUE'"),
        ("a.js", "compass = 'VALUE', passed = 'VALUE'"),
        ("a.js", "password = 'a' + salt"),
        ("a.py", "['username', 'password'], 'x'"),
        ("a.java", "getPassword(\"VALUE\")"),
        ("a.yml", "secretName: VALUE"),
        ("a.yml", "password: two words"),
        ("a.c", "passwd == NULL"),
        ("a.php", "'passwords' => ['users' => ['provider' => 'users']],"),
        ("a.php", "__('Password', 'shop')"),
        ("a.vb", "If txtPass.Text = txtConfirm.Text Then"),
        ("a.conf", "proxy_pass backend_2"),
        ("a.yml", "checksum/secret: VALUE"),
        ("a.txt", "# public key: VALUE"),
        ("a.c", "/* we pass 'VALUE' on */"),
        ("a.rst", "pass to the kernel this line: \"VALUE\""),
        ("a.go", "log.Info(\"invalid password\", zap.String(\"VALUE\", name))"),
        ("a.py", "login(\n    password, mode=\"VALUE\",\n)"),
    ] {
        let found = read(text, path);
        wrong.extend(found.map(|found| format!("{path}: {text}: {found:?}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn columns_are_read_row_by_row() {
    let mut wrong = Vec::new();
    for (path, text) in [
        ("a.csv", "name,password,age\nann,VALUE,3\nbob,VALUE,4\n"),
        ("a.csv", "\"name\";\"password\"\n\"ann; b\";\"VALUE\"\n\"bob\";\"VALUE\"\n"),
        (
            "a.md",
            "text\n\n| user | password |\n|---|---|\n| ann | VALUE |\n| bob | `VALUE` |\n\nx | y",
        ),
        (
            "a.sql",
            "INSERT INTO users (id, `password`, n) VALUES (1, 'VALUE', f(2)),\n(2,'VALUE',NULL);",
        ),
        (
            "a.php",
            "$q = \"insert into u (name, password) values ('o''k', 'VALUE'), ('b', 'VALUE')\";",
        ),
    ] {
        let position = text.find("password").unwrap_or(0);
        let reading = at(text.as_bytes(), position, Syntax::of(path.as_bytes()));
        let values: Vec<&str> =
            reading.column.iter().map(|found| &text[found.value..found.end]).collect();
        if values != ["VALUE", "VALUE"] {
            wrong.push(format!("{path}: {text}: {values:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
