//! Pages: looks at each page of a Parquet file before the `parquet` crate believes what it says.
//!
//! A page says how many values it has, and the crate makes room for that many. A dictionary of
//! two thousand million texts in ten bytes would end the process, so such a page is refused here.
//!
//! # What it cannot tell
//! How large a page will be once it is unpacked is seen only afterwards: a file made to do harm
//! can have up to 2 GiB asked for, for one page at a time.

use parquet::column::page::Page;
use parquet::column::page::PageMetadata;
use parquet::column::page::PageReader;
use parquet::errors::ParquetError;

/// Bytes of one page, unpacked.
const PAGE_BYTES_MAX: usize = 256 << 20;

/// Values of one page of data; those that are missing take no room in it.
const PAGE_VALUES_MAX: u32 = 1 << 24;

/// The pages of one column of a row group, looked at.
pub(crate) struct Pages(pub(crate) Box<dyn PageReader>);

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        let page = self.0.get_next_page()?;
        page.map(look_at).transpose()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        self.0.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        self.0.skip_next_page()
    }
}

impl Iterator for Pages {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Result<Page, ParquetError>> {
        self.get_next_page().transpose()
    }
}

fn look_at(page: Page) -> Result<Page, ParquetError> {
    let refuse = |what: String| Err(ParquetError::General(what));
    let bytes = page.buffer().len();
    if bytes > PAGE_BYTES_MAX {
        return refuse(format!("a page of {bytes} bytes; at most {PAGE_BYTES_MAX} are read"));
    }
    let values = page.num_values();
    match &page {
        // Every value of a dictionary takes a byte at least.
        Page::DictionaryPage { .. } if values as usize > bytes => {
            refuse(format!("a dictionary of {values} values in {bytes} bytes"))
        }
        _ if values > PAGE_VALUES_MAX => {
            refuse(format!("a page of {values} values; at most {PAGE_VALUES_MAX} are read"))
        }
        _ => Ok(page),
    }
}

#[cfg(test)]
mod tests {
    use parquet::basic::Encoding;

    use super::*;

    fn dictionary(num_values: u32) -> Page {
        let buf = vec![0; 10].into();
        Page::DictionaryPage { buf, num_values, encoding: Encoding::PLAIN, is_sorted: false }
    }

    #[test]
    fn a_dictionary_that_claims_more_than_it_has_is_refused() {
        look_at(dictionary(2)).expect("two texts of one byte");
        let error = look_at(dictionary(u32::MAX)).expect_err("no room is made for it");
        assert!(error.to_string().contains("4294967295 values in 10 bytes"), "{error}");
    }
}
