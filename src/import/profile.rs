//! Profiles describe how files of other systems correspond to Stockroom's own. Each is a TOML text; `docs/import.md`
//! lists the keys.
//!
//! Boundary: reads and checks profiles. Applying them to rows is up to `planner` and `products`.

mod fields;
mod keys;

use std::path::{Path, PathBuf};

use super::product_row::ProductField;
use crate::domain::Ends;

pub use fields::MovementField;
pub(super) use fields::fields;
pub use keys::{
    Creatable, Direction, FileFormat, MovementProfile, NotGoods, OpeningStock, Presence, ProductProfile,
    Profile, Rule, Sign, SkuIs,
};

/// The profiles that come with the program, by name.
const BUILT_IN: [(&str, &str); 3] = [
    ("stockroom", include_str!("profiles/stockroom.toml")),
    ("online-retail", include_str!("profiles/online-retail.toml")),
    ("open-food-facts", include_str!("profiles/open-food-facts.toml")),
];

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// There is no such profile, neither built in nor in the user's folder.
    #[error("there is no profile \"{name}\"; use one of {known}{place}, or a path that ends in .toml",
        known = Profile::built_in_names().join(", "), place = place_words(folder.as_deref()))]
    Unknown {
        name: String,
        /// The folder of the user's own profiles.
        folder: Option<PathBuf>,
    },
    /// The file cannot be read.
    #[error("cannot read the profile {path}: {source}")]
    Read { path: String, source: std::io::Error },
    /// The text is not a profile; the message has key and line.
    #[error("the profile {name} is invalid: {message}")]
    Form { name: String, message: String },
    /// The profile describes files of the other kind.
    #[error("the profile {name} does not describe {wanted}: it has no section [{wanted}]")]
    Missing { name: String, wanted: &'static str },
}

fn place_words(folder: Option<&Path>) -> String {
    folder.map(|folder| format!(", one of your own in {}", folder.display())).unwrap_or_default()
}

impl Profile {
    /// The names of the profiles that come with the program.
    #[must_use]
    pub fn built_in_names() -> Vec<&'static str> {
        BUILT_IN.iter().map(|(name, _)| *name).collect()
    }

    /// Finds a profile: a path that ends in `.toml`, else one in the user's `folder`, else a built-in one.
    ///
    /// # Errors
    /// [`ProfileError`], with key and line if the text is at fault.
    pub fn load(name: &str, folder: Option<&Path>) -> Result<Self, ProfileError> {
        if Path::new(name).extension().is_some_and(|extension| extension == "toml") {
            return Self::read(Path::new(name));
        }
        // A name must not lead to files elsewhere.
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let own = folder.filter(|_| plain).map(|folder| folder.join(format!("{name}.toml")));
        if let Some(path) = own.filter(|path| path.is_file()) {
            return Self::read(&path);
        }
        match BUILT_IN.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => Self::parse(name, text),
            None => {
                Err(ProfileError::Unknown { name: name.to_owned(), folder: folder.map(Path::to_path_buf) })
            }
        }
    }

    fn read(path: &Path) -> Result<Self, ProfileError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ProfileError::Read { path: path.display().to_string(), source })?;
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        Self::parse(&stem.unwrap_or_default(), &text)
    }

    /// Reads a profile from its text.
    ///
    /// # Errors
    /// [`ProfileError::Form`] with key and line.
    pub fn parse(name: &str, text: &str) -> Result<Self, ProfileError> {
        let form = |message: String| ProfileError::Form { name: name.to_owned(), message };
        let mut profile: Self = toml::from_str(text).map_err(|error| form(error.to_string()))?;
        name.clone_into(&mut profile.name);
        profile.check().map_err(form)?;
        Ok(profile)
    }

    /// The part of the profile for movements.
    ///
    /// # Errors
    /// [`ProfileError::Missing`] if the profile is only for products.
    pub fn movements(&self) -> Result<&MovementProfile, ProfileError> {
        let missing = || ProfileError::Missing { name: self.name.clone(), wanted: "movements" };
        self.movements.as_ref().ok_or_else(missing)
    }

    /// The part of the profile for products.
    ///
    /// # Errors
    /// [`ProfileError::Missing`] if the profile is only for movements.
    pub fn products(&self) -> Result<&ProductProfile, ProfileError> {
        let missing = || ProfileError::Missing { name: self.name.clone(), wanted: "products" };
        self.products.as_ref().ok_or_else(missing)
    }

    fn check(&mut self) -> Result<(), String> {
        let delimiter = self.file.delimiter;
        if !delimiter.is_ascii() || matches!(delimiter, '"' | '\n' | '\r' | '\0') {
            return Err(format!("file.delimiter {delimiter:?} is invalid; it must be one ASCII character"));
        }
        if self.movements.is_none() && self.products.is_none() {
            return Err("a section [movements] or [products] is missing".to_owned());
        }
        self.movements.as_ref().map_or(Ok(()), MovementProfile::check)?;
        self.products.as_mut().map_or(Ok(()), ProductProfile::check)
    }
}

impl MovementProfile {
    fn check(&self) -> Result<(), String> {
        use MovementField as F;
        for (field, key) in [(F::Sku, "sku"), (F::Quantity, "quantity")] {
            if !self.columns.contains_key(&field) {
                return Err(format!("movements.columns.{key} is missing"));
            }
        }
        if !self.columns.contains_key(&F::OccurredAt) && !self.columns.contains_key(&F::Posting) {
            return Err(
                "movements.columns.occurred_at is missing; it is optional only for files with posting ids"
                    .into(),
            );
        }
        if self.rules.is_empty() && self.kind.is_none() && !self.columns.contains_key(&F::Kind) {
            return Err(
                "the kind of movement is missing: set movements.columns.kind, movements.kind or movements.rules"
                    .into(),
            );
        }
        for (position, rule) in self.rules.iter().enumerate() {
            if (rule.kind.rules().ends == Ends::Either) != rule.direction.is_some() {
                let number = position + 1;
                return Err(format!(
                    "movements.rules, number {number}: direction is required for kind \"adjustment\", and allowed only there"
                ));
            }
        }
        jiff::tz::TimeZone::get(&self.time_zone)
            .map(|_| ())
            .map_err(|error| format!("movements.time_zone: {error}"))
    }

    /// Whether `what` is added to the catalogue if the file is the first to name it.
    #[must_use]
    pub fn creates(&self, what: Creatable) -> bool {
        self.create.contains(&what)
    }

    /// Whether the whole file must be read once before the first row can be posted.
    #[must_use]
    pub fn needs_two_passes(&self) -> bool {
        self.opening_stock == OpeningStock::Computed || !self.create.is_empty()
    }
}

impl ProductProfile {
    /// Completes a profile that names no columns: it reads Stockroom's own format, in which only code and name are
    /// required.
    fn check(&mut self) -> Result<(), String> {
        if self.columns.is_empty() {
            self.columns = ProductField::own().map(|field| (field, field.column().to_owned())).collect();
            self.optional = ProductField::own().skip(2).collect();
        }
        for (field, key) in [(ProductField::Sku, "sku"), (ProductField::Name, "name")] {
            if !self.columns.contains_key(&field) {
                return Err(format!("products.columns.{key} is missing"));
            }
        }
        Ok(())
    }
}

/// Whether `text` equals `pattern`, or begins with it if the pattern ends in `*`; case is ignored.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start)),
        None => text.eq_ignore_ascii_case(pattern),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_profiles_are_sound() {
        for name in Profile::built_in_names() {
            let profile = Profile::load(name, None).unwrap();
            assert!(!profile.description.is_empty(), "{name}");
        }
    }

    #[test]
    fn our_own_profile_calls_each_column_by_its_name() {
        let profile = Profile::load("stockroom", None).unwrap();
        for (field, column) in &profile.movements().unwrap().columns {
            assert_eq!(column, field.column());
        }
        for (field, column) in &profile.products().unwrap().columns {
            assert_eq!(column, field.column());
        }
    }

    #[test]
    fn a_mistake_is_reported_with_key_and_line() {
        let text = "description = \"x\"\n[movements]\nlocaton = \"MAIN\"\n[movements.columns]\nsku = \"a\"\n";
        let message = Profile::parse("mine", text).unwrap_err().to_string();
        assert!(
            message.contains("line 3") && message.contains("localton") | message.contains("locaton"),
            "{message}"
        );
        let text = "[movements]\nkind = \"issue\"\n[movements.columns]\nskew = \"a\"\n";
        let message = Profile::parse("mine", text).unwrap_err().to_string();
        assert!(message.contains("line 4") && message.contains("skew"), "{message}");
        let text = "[products.columns]\nsku = \"a\"\n";
        let message = Profile::parse("mine", text).unwrap_err().to_string();
        assert!(message.contains("products.columns.name"), "{message}");
    }

    #[test]
    fn the_users_own_come_first_and_unknown_ones_are_listed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("stockroom.toml"),
            "description = \"own\"\n[products.columns]\nsku = \"Code\"\nname = \"Text\"\n",
        )
        .unwrap();
        assert_eq!(Profile::load("stockroom", Some(folder.path())).unwrap().description, "own");
        let message = Profile::load("nonsense", Some(folder.path())).unwrap_err().to_string();
        assert!(message.contains("online-retail"), "{message}");
        assert!(Profile::load("../stockroom", Some(folder.path())).is_err());
    }

    #[test]
    fn patterns_end_in_a_star_or_are_whole() {
        assert!(fits("gift_0001_*", "GIFT_0001_20"));
        assert!(fits("m", "M") && !fits("m", "MM") && !fits("c*", "") && fits("C*", "C536379"));
    }
}
