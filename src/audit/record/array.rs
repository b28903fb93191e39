//! Arrays as PostgreSQL writes them (manual, 8.15.6): `{a,"b,c",NULL,""}`. Within an array NULL and the empty text
//! differ, which they do not in a list of parameters.

/// Splits a one-dimensional array; `None` if the text is not one.
#[must_use]
pub fn elements(text: &str) -> Option<Vec<Option<String>>> {
    let inside = text.strip_prefix('{')?.strip_suffix('}')?;
    let mut found = Vec::new();
    if inside.is_empty() {
        return Some(found);
    }
    let mut characters = inside.chars().peekable();
    loop {
        let mut element = String::new();
        if characters.next_if_eq(&'"').is_some() {
            loop {
                match characters.next()? {
                    '"' => break,
                    '\\' => element.push(characters.next()?),
                    other => element.push(other),
                }
            }
            found.push(Some(element));
        } else {
            while let Some(next) = characters.next_if(|next| *next != ',') {
                if matches!(next, '"' | '{' | '}') {
                    return None;
                }
                // In unquoted elements, special characters are escaped with a backslash.
                element.push(if next == '\\' { characters.next()? } else { next });
            }
            if element.is_empty() {
                return None;
            }
            found.push((element != "NULL").then_some(element));
        }
        match characters.next() {
            Some(',') => {}
            None => return Some(found),
            Some(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_quotes_and_null() {
        let found = elements(r#"{a,"b,c",NULL,"","NULL","say \"hi\" \\"}"#).unwrap();
        let expected = [Some("a"), Some("b,c"), None, Some(""), Some("NULL"), Some("say \"hi\" \\")]
            .map(|element| element.map(str::to_owned));
        assert_eq!(found, expected);
        assert_eq!(elements("{}"), Some(Vec::new()));
        for text in
            ["", "{", "}", "a", "{a", "{a,}", "{,}", "{\"a}", "{{a},{b}}", "{a}b", "{\"a\"b}", "{a\\}"]
        {
            assert_eq!(elements(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_the_server_writes_is_read_back(values in proptest::collection::vec(proptest::option::of("\\PC{0,8}"), 0..6)) {
            // array_out quotes less often; quoting everything is allowed and reads the same.
            let written: Vec<String> = values.iter().map(|value| match value {
                None => "NULL".to_owned(),
                Some(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
            }).collect();
            prop_assert_eq!(elements(&format!("{{{}}}", written.join(","))), Some(values));
        }

        #[test]
        fn nothing_makes_it_panic(text in "[{}\",\\\\aNUL]{0,30}|\\PC*") {
            drop(elements(&text));
        }
    }
}
