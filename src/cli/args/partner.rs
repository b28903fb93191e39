//! The arguments of `stockroom partner` and `stockroom privacy`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::input::change;
use crate::cli::streams::file_only;
use crate::domain::{Change, Name, Note, PartnerCode, PartnerField, PartnerKind};

#[derive(Debug, Subcommand)]
pub(crate) enum PartnerAction {
    /// Add a supplier or customer
    Add {
        /// Code of the supplier or customer
        code: PartnerCode,
        /// Kind: supplier or customer
        #[arg(long)]
        kind: PartnerKind,
        /// Name of the company; leave it out for a private person
        #[arg(long)]
        name: Option<Name>,
        /// Days that goods must still last when the customer receives them
        #[arg(long, value_name = "DAYS")]
        min_life_days: Option<i32>,
        #[command(flatten)]
        fields: Box<FieldArgs>,
    },
    /// Change the name or the fields of a supplier or customer
    Change {
        /// Code of the supplier or customer
        code: PartnerCode,
        /// Name of the company; `none` removes it
        #[arg(long, value_parser = change(str::parse::<Name>))]
        name: Option<Change<Name>>,
        /// Days that goods must still last when the customer receives them; `none` removes the requirement
        #[arg(long, value_name = "DAYS", value_parser = change(str::parse::<i32>))]
        min_life_days: Option<Change<i32>>,
        #[command(flatten)]
        fields: Box<FieldArgs>,
    },
    /// Show a supplier or customer
    Show {
        /// Code of the supplier or customer
        code: PartnerCode,
    },
    /// List suppliers and customers
    List {
        /// Words to find in code, name, contact, e-mail or telephone
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
    },
}

/// The fields of a partner, which are personal data unless an admin has decided otherwise. They are encrypted with the
/// keyring before they are sent. `none` removes a value.
#[derive(Debug, Args)]
#[command(next_help_heading = "Personal data (encrypted; `none` removes a value)")]
pub(crate) struct FieldArgs {
    /// Contact person
    #[arg(long, value_name = "TEXT")]
    pub contact_name: Option<String>,
    /// E-mail address
    #[arg(long, value_name = "TEXT")]
    pub email: Option<String>,
    /// Telephone number
    #[arg(long, value_name = "TEXT")]
    pub telephone: Option<String>,
    /// Postal address
    #[arg(long, value_name = "TEXT")]
    pub address: Option<String>,
    /// Tax number
    #[arg(long, value_name = "TEXT")]
    pub tax_number: Option<String>,
    /// Note
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// JSON file with these fields, or - for standard input; other accounts on the machine can see the options of a
    /// running command, but not this file
    #[arg(long, value_name = "FILE")]
    pub details: Option<PathBuf>,
}

impl FieldArgs {
    /// The fields given as options, with their texts.
    pub fn given(&self) -> impl Iterator<Item = (PartnerField, &str)> {
        PartnerField::ALL.into_iter().filter_map(|field| {
            let value = match field {
                PartnerField::ContactName => &self.contact_name,
                PartnerField::Email => &self.email,
                PartnerField::Telephone => &self.telephone,
                PartnerField::Address => &self.address,
                PartnerField::TaxNumber => &self.tax_number,
                PartnerField::Note => &self.note,
            };
            value.as_deref().map(|value| (field, value))
        })
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum PrivacyAction {
    /// Create the keyring, and set up the database for it
    Init {
        /// File of the new keyring [default: the file that STOCKROOM_ENCRYPTION_KEY_FILE names]
        #[arg(long, value_name = "FILE", value_parser = file_only)]
        key_file: Option<PathBuf>,
    },
    /// Decrypt every encrypted value and report problems
    Check,
    /// Replace the wrapping key; afterwards nobody can decrypt what was erased before
    Rotate {
        /// Only add the next version to the keyring, so that it can be copied to the other machines first
        #[arg(long)]
        prepare: bool,
    },
    /// List the fields of partners, and whether they are personal
    Fields,
    /// Decide whether a field of partners is personal; existing values are encrypted
    Classify {
        /// contact_name, email, telephone, address, tax_number or note
        field: PartnerField,
        /// Whether it is personal
        class: FieldClass,
    },
    /// Print everything that is stored about a partner as JSON; the export is recorded
    Export {
        /// Code of the supplier or customer
        partner: PartnerCode,
    },
    /// Erase the personal data of a partner or person: empty the fields and destroy their key
    Erase {
        #[command(flatten)]
        subject: SubjectArgs,
        /// Why, such as the date of the request; recorded for ever, so it must not name anybody
        #[arg(long, value_name = "TEXT")]
        ground: Note,
    },
    /// Restrict access to the data of a partner to admins, if the data must be kept
    Restrict {
        /// Code of the supplier or customer
        partner: PartnerCode,
        /// Why; recorded for ever, so it must not name anybody
        #[arg(long, value_name = "TEXT")]
        ground: Note,
        /// Lift the restriction
        #[arg(long)]
        lift: bool,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct SubjectArgs {
    /// Code of the supplier or customer
    pub partner: Option<PartnerCode>,
    /// Login of the person whose name is to be erased
    #[arg(long, value_name = "LOGIN")]
    pub user: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FieldClass {
    Personal,
    NotPersonal,
}
