//! The commands that read and write files: import and export.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use directories::ProjectDirs;
use tokio::sync::mpsc;

use super::args::{ExportArgs, ExportWhat, ImportAction, ImportArgs};
use super::{CliError, Context, Exit};
use crate::domain::{NewProduct, PackBarcode, Refusal};
use crate::export::{self, ExportError, MovementRow, StockRow};
use crate::import::{self, ImportError, MovementOptions, ProductOptions, Profile, Report, Source};
use crate::store::{LedgerRow, Level, PAGE_ROWS, ProductFilter, ProductRow, StockFilter, Store};

/// How many pages of movements are held between the database and the file.
const PAGES_AHEAD: usize = 4;

fn profile(args: &ImportArgs) -> Result<Profile, ImportError> {
    let folder = ProjectDirs::from("", "", "stockroom").map(|dirs| dirs.config_dir().join("profiles"));
    Ok(Profile::load(&args.profile, folder.as_deref())?)
}

pub(crate) async fn import(context: &Context, action: ImportAction) -> Result<Exit, CliError> {
    let progress = !context.output.is_json();
    let report = match action {
        ImportAction::Products(args) => {
            let options = ProductOptions {
                source: Source::from_argument(&args.file),
                profile: profile(&args)?,
                rejects: args.rejects.clone(),
                progress,
            };
            if args.dry_run {
                import::products_dry_run(&options)?
            } else {
                import::products(&context.service().await?, &options).await?
            }
        }
        ImportAction::Movements { common, location } => {
            let options = MovementOptions {
                source: Source::from_argument(&common.file),
                profile: profile(&common)?,
                rejects: common.rejects.clone(),
                location,
                progress,
            };
            if common.dry_run {
                import::movements_dry_run(&options)?
            } else {
                import::movements(&context.service().await?, &options).await?
            }
        }
    };
    context.output.result(&report, || report_words(&report))?;
    Ok(Exit::Done)
}

fn report_words(report: &Report) -> String {
    report.to_string().trim_end().to_owned()
}

pub(crate) async fn export(context: &Context, args: ExportArgs) -> Result<Exit, CliError> {
    let store = context.store()?;
    let rows = match args.what {
        ExportWhat::Products => {
            let filter = ProductFilter { archived: true, ..ProductFilter::default() };
            let products = store
                .products(&filter)
                .await?
                .iter()
                .map(product)
                .collect::<Result<Vec<NewProduct>, Refusal>>()?;
            export::products(open(args.file.as_deref())?, products)?
        }
        ExportWhat::Stock => {
            let rows = store
                .stock(&StockFilter::default())
                .await?
                .iter()
                .map(level)
                .collect::<Result<Vec<StockRow>, Refusal>>()?;
            export::stock(open(args.file.as_deref())?, rows)?
        }
        ExportWhat::Movements => export_movements(store, open(args.file.as_deref())?).await?,
    };
    if let Some(file) = &args.file {
        context.output.notice(&format!("{rows} rows written to {}", file.display()));
    }
    Ok(Exit::Done)
}

fn open(file: Option<&Path>) -> Result<Box<dyn Write + Send>, CliError> {
    Ok(match file {
        Some(path) => Box::new(BufWriter::new(File::create(path)?)),
        None => Box::new(BufWriter::new(io::stdout())),
    })
}

/// The ledger is read page by page while the file is written, so that its length does not matter.
async fn export_movements(store: Store, output: Box<dyn Write + Send>) -> Result<u64, CliError> {
    let (sender, mut receiver) = mpsc::channel::<Vec<MovementRow>>(PAGES_AHEAD);
    let writer = tokio::task::spawn_blocking(move || {
        let rows = std::iter::from_fn(|| receiver.blocking_recv()).flatten();
        export::movements(output, rows)
    });
    let mut after = None;
    loop {
        let page = store.movements_after(after).await?;
        after = page.last().map(|row| row.id);
        let last = page.len() < PAGE_ROWS;
        let rows = page.iter().map(movement).collect::<Result<Vec<MovementRow>, Refusal>>()?;
        // The writer is gone when the file cannot be written; it says why below.
        if sender.send(rows).await.is_err() || last {
            break;
        }
    }
    drop(sender);
    Ok(writer.await.map_err(io::Error::other)??)
}

fn movement(row: &LedgerRow) -> Result<MovementRow, Refusal> {
    fn code<T: std::str::FromStr>(text: Option<&String>) -> Result<Option<T>, T::Err> {
        text.map(|code| code.parse()).transpose()
    }
    Ok(MovementRow {
        posting: row.posting_id.try_into()?,
        kind: row.kind.parse()?,
        occurred_at: row.occurred_at,
        reference: code(row.reference.as_ref())?,
        reason: code(row.reason.as_ref())?,
        partner: code(row.partner.as_ref())?,
        sku: row.sku.parse()?,
        quantity: crate::domain::Quantity::new(row.quantity)?,
        from: code(row.from.as_ref())?,
        to: code(row.to.as_ref())?,
        lot: code(row.lot.as_ref())?,
        expires: row.lot_expires_on,
        unit_price: row.unit_price.map(crate::domain::UnitPrice::new).transpose()?,
        reverses: row.reverses.map(TryInto::try_into).transpose()?,
    })
}

fn level(level: &Level) -> Result<StockRow, Refusal> {
    Ok(StockRow {
        sku: level.sku.parse()?,
        location: level.location.parse()?,
        lot: level.lot.as_ref().map(|lot| lot.parse()).transpose()?,
        on_hand: level.on_hand,
    })
}

fn product(row: &ProductRow) -> Result<NewProduct, Refusal> {
    let barcode = |pack: &crate::store::PackRow| {
        Ok::<_, Refusal>(PackBarcode {
            barcode: pack.barcode.parse()?,
            pack_quantity: crate::domain::Quantity::new(pack.pack_quantity)?,
        })
    };
    let price = |value: Option<rust_decimal::Decimal>| value.map(crate::domain::UnitPrice::new).transpose();
    Ok(NewProduct {
        sku: row.sku.parse()?,
        name: row.name.parse()?,
        unit: row.unit.parse()?,
        decimals: u8::try_from(row.decimals).unwrap_or(0),
        category: row.category.as_ref().map(|text| text.parse()).transpose()?,
        reorder_point: row.reorder_point,
        unit_cost: price(row.unit_cost)?,
        unit_price: price(row.unit_price)?,
        tracking: row.tracking.parse()?,
        barcodes: row.barcodes.iter().map(barcode).collect::<Result<_, _>>()?,
    })
}

impl From<ExportError> for CliError {
    fn from(error: ExportError) -> Self {
        Self::Io(io::Error::other(error))
    }
}
