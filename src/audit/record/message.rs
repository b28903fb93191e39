//! The messages of pgaudit (README of pgaudit, "Format"):
//!
//! ```text
//! AUDIT: SESSION,<statement>,<substatement>,<class>,<command>,<type>,<object>,<text>,<parameters>[,<rows>]
//! ```
//!
//! A field is quoted if it contains a quote, a comma or the end of a line, and quotes in it are doubled. The parameters
//! are themselves such a list, quoted once more as one field. The parser accepts what pgaudit writes and nothing else;
//! it does not parse CSV files in general.

use std::borrow::Cow;

use super::AUDIT_PREFIX;

/// How many fields a message has: without and with the number of rows.
const FIELDS: std::ops::RangeInclusive<usize> = 9..=10;

/// Why a message was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// By the class of the statement (`pgaudit.log`).
    Session,
    /// By a grant to the auditing role (`pgaudit.role`).
    Object,
}

/// Why a message that begins like one of pgaudit cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedRecord {
    /// It does not begin with `AUDIT: SESSION,` or `AUDIT: OBJECT,`.
    #[error("it does not begin with AUDIT: SESSION or AUDIT: OBJECT")]
    Kind,
    /// It has neither nine nor ten fields.
    #[error("it has {0} fields")]
    Fields(usize),
    /// A quote is missing or misplaced.
    #[error("its quotes do not match")]
    Quotes,
    /// A field that should be a number is not one.
    #[error("{0} is no number")]
    Number(&'static str),
}

/// The parameters of a statement, separate from its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameters {
    None,
    /// The server is configured not to record them.
    NotLogged,
    /// An earlier record of the same statement has them.
    PreviouslyLogged,
    /// The values as text; NULL and the empty text both appear as an empty one.
    Values(Vec<String>),
}

/// One record of pgaudit, split into its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord<'a> {
    pub kind: RecordKind,
    /// The number of the statement within its session, from 1, among those that were recorded.
    pub statement_id: u64,
    /// The number of the part within the statement, from 1.
    pub substatement_id: u64,
    /// READ, WRITE, FUNCTION, ROLE, DDL, MISC.
    pub class: Cow<'a, str>,
    /// INSERT, ALTER TABLE and so on.
    pub command: Cow<'a, str>,
    /// TABLE, INDEX and so on; empty if pgaudit does not know.
    pub object_type: Cow<'a, str>,
    /// The name with its schema; empty if pgaudit does not know.
    pub object_name: Cow<'a, str>,
    /// The complete text that the client sent.
    pub statement: Cow<'a, str>,
    pub parameters: Parameters,
    /// How many rows it affected; none if the server is configured not to record them.
    pub rows: Option<u64>,
}

impl<'a> AuditRecord<'a> {
    /// Reads a message.
    ///
    /// # Errors
    /// [`MalformedRecord`] if pgaudit would not have written it in this way.
    pub fn read(message: &'a str) -> Result<Self, MalformedRecord> {
        let body = message.strip_prefix(AUDIT_PREFIX).ok_or(MalformedRecord::Kind)?;
        let mut fields = fields(body)?;
        if !FIELDS.contains(&fields.len()) {
            return Err(MalformedRecord::Fields(fields.len()));
        }
        let number = |text: &str, name| text.parse::<u64>().map_err(|_| MalformedRecord::Number(name));
        let rows = match fields.len() {
            10 => fields.pop().map(|text| number(&text, "the number of rows")).transpose()?,
            _ => None,
        };
        let parameters = parameters(&fields.pop().unwrap_or_default())?;
        let mut fields = fields.into_iter();
        let mut next = || fields.next().unwrap_or_default();
        let kind = match next().as_ref() {
            "SESSION" => RecordKind::Session,
            "OBJECT" => RecordKind::Object,
            _ => return Err(MalformedRecord::Kind),
        };
        Ok(Self {
            kind,
            statement_id: number(&next(), "the number of the statement")?,
            substatement_id: number(&next(), "the number of the part")?,
            class: next(),
            command: next(),
            object_type: next(),
            object_name: next(),
            statement: next(),
            parameters,
            rows,
        })
    }
}

fn parameters(field: &str) -> Result<Parameters, MalformedRecord> {
    Ok(match field {
        "<none>" => Parameters::None,
        "<not logged>" => Parameters::NotLogged,
        "<previously logged>" => Parameters::PreviouslyLogged,
        list => Parameters::Values(fields(list)?.into_iter().map(Cow::into_owned).collect()),
    })
}

/// Splits a list; borrows the fields that need no unquoting.
fn fields(list: &str) -> Result<Vec<Cow<'_, str>>, MalformedRecord> {
    let mut found = Vec::with_capacity(16);
    let mut rest = list;
    loop {
        let (field, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                if rest[..end].contains(['"', '\n', '\r']) {
                    return Err(MalformedRecord::Quotes);
                }
                (Cow::Borrowed(&rest[..end]), &rest[end..])
            }
        };
        found.push(field);
        match behind.strip_prefix(',') {
            Some(next) => rest = next,
            None if behind.is_empty() => return Ok(found),
            None => return Err(MalformedRecord::Quotes),
        }
    }
}

/// A field after its opening quote, and what follows its closing one.
fn quoted_field(text: &str) -> Result<(Cow<'_, str>, &str), MalformedRecord> {
    let mut field = Cow::Borrowed("");
    let mut rest = text;
    loop {
        let quote = rest.find('"').ok_or(MalformedRecord::Quotes)?;
        let (before, behind) = (&rest[..quote], &rest[quote + 1..]);
        let doubled = behind.starts_with('"');
        if field.is_empty() && !doubled {
            field = Cow::Borrowed(before);
        } else {
            field.to_mut().push_str(before);
        }
        if !doubled {
            // pgaudit quotes only fields that need it.
            return if field.contains(['"', ',', '\n', '\r']) {
                Ok((field, behind))
            } else {
                Err(MalformedRecord::Quotes)
            };
        }
        field.to_mut().push('"');
        rest = &behind[1..];
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Quotes a text as `append_valid_csv` of pgaudit does.
    fn quoted(text: &str) -> String {
        if text.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    }

    fn written(fields: &[&str]) -> String {
        fields.iter().map(|field| quoted(field)).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn nine_and_ten_fields() {
        let nine = "AUDIT: SESSION,3,1,WRITE,INSERT,TABLE,inv.plain,INSERT INTO inv.plain VALUES (1),<none>";
        let record = AuditRecord::read(nine).unwrap();
        assert_eq!((record.kind, record.statement_id, record.rows), (RecordKind::Session, 3, None));
        assert_eq!(record.parameters, Parameters::None);
        let ten = format!("{nine},2").replace("SESSION", "OBJECT");
        let record = AuditRecord::read(&ten).unwrap();
        assert_eq!((record.kind, record.rows), (RecordKind::Object, Some(2)));
        assert_eq!(AuditRecord::read(&format!("{nine},2,3")), Err(MalformedRecord::Fields(11)));
        assert_eq!(AuditRecord::read("AUDIT: SESSION,1"), Err(MalformedRecord::Fields(2)));
        assert_eq!(AuditRecord::read("AUDIT: SESSIO"), Err(MalformedRecord::Fields(1)));
        assert_eq!(AuditRecord::read("AUDIT"), Err(MalformedRecord::Kind));
    }

    #[test]
    fn a_list_within_a_list() {
        let message = "AUDIT: SESSION,1,2,WRITE,INSERT,TABLE,inv.t,\"INSERT\ninto inv.t, x\",\"\"\"{uuid,\"\"\"\"a,b\"\"\"\",NULL}\"\",,7,\"\"say \"\"\"\"hi\"\"\"\"\"\"\",2";
        let record = AuditRecord::read(message).unwrap();
        assert_eq!(record.statement, "INSERT\ninto inv.t, x");
        let Parameters::Values(values) = record.parameters else { panic!("no values") };
        assert_eq!(values, ["{uuid,\"a,b\",NULL}", "", "7", "say \"hi\""]);
        assert_eq!(record.rows, Some(2));
    }

    #[test]
    fn text_that_pgaudit_would_not_write_is_malformed() {
        let whole = "AUDIT: SESSION,1,1,WRITE,INSERT,TABLE,t,\"a,b\",<none>,1";
        assert!(AuditRecord::read(whole).is_ok());
        for (from, to) in
            [("\"a,b\"", "\"ab\""), ("\"a,b\"", "a\"b"), ("\"a,b\"", "\"a,b"), ("\"a,b\"", "\"a,b\"c")]
        {
            assert_eq!(AuditRecord::read(&whole.replace(from, to)), Err(MalformedRecord::Quotes), "{to}");
        }
        assert!(AuditRecord::read(&whole.replace(",1,1,", ",x,1,")).is_err());
        assert!(AuditRecord::read(&whole.replace("<none>,1", "<none>,-1")).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_is_written_is_read_back(
            statement in "\\PC*|[a\",\n\r]{0,20}",
            values in proptest::collection::vec("\\PC*|[a\",\n\r]{0,8}", 1..5),
            ids in any::<(u64, u64)>(),
            rows in proptest::option::of(any::<u64>()),
        ) {
            // A single value that reads like one of pgaudit's own words cannot be distinguished from it.
            prop_assume!(values.len() > 1 || !values[0].starts_with('<'));
            let parameters = values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(",");
            let mut message = format!(
                "AUDIT: SESSION,{},{},{}",
                ids.0,
                ids.1,
                written(&["WRITE", "INSERT", "TABLE", "s.t", &statement, &parameters])
            );
            if let Some(rows) = rows {
                message.push_str(&format!(",{rows}"));
            }
            let record = AuditRecord::read(&message).unwrap();
            prop_assert_eq!(record.statement, statement);
            prop_assert_eq!((record.statement_id, record.substatement_id), ids);
            prop_assert_eq!(record.parameters, Parameters::Values(values));
            prop_assert_eq!(record.rows, rows);
        }

        #[test]
        fn nothing_makes_it_panic(text in "\\PC*|[A\",\n<>0-9]{0,60}") {
            drop(AuditRecord::read(&text));
            drop(AuditRecord::read(&format!("AUDIT: SESSION,1,1,{text}")));
        }

        #[test]
        fn a_message_cut_short_never_passes_for_the_whole(cut in 0usize..100) {
            let message = "AUDIT: SESSION,1,1,WRITE,INSERT,TABLE,stock.transactions,\"INSERT, é\",\"a,\"\"b,c\"\"\",12";
            let cut = (0..=cut.min(message.len())).rev().find(|place| message.is_char_boundary(*place)).unwrap();
            if cut < message.len() {
                let whole = AuditRecord::read(message);
                prop_assert_ne!(AuditRecord::read(&message[..cut]), whole);
            }
        }
    }
}
