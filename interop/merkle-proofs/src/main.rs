//! Reads one question a line and answers each with one line.
//!
//! ```text
//! make BLOCK TXID …    the partial tree of a block that shows these transactions, in hex
//! read TREE            `ok INDEX:TXID …`, or `error NAME`
//! ```
//!
//! BLOCK and TREE are hex, TXID as people write it. An empty line asks for all answers so far.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufWriter, Write};

use bitcoin::consensus::encode::{deserialize_hex, serialize_hex};
use bitcoin::{Block, MerkleBlock, Txid};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let mut words = line.split(' ');
        match words.next() {
            Some("make") => writeln!(out, "{}", make(words)?)?,
            Some("read") => writeln!(out, "{}", read(words.next().ok_or("no tree")?))?,
            _ => out.flush()?,
        }
    }
    Ok(out.flush()?)
}

fn make<'a>(mut words: impl Iterator<Item = &'a str>) -> Result<String, Box<dyn Error>> {
    let block: Block = deserialize_hex(words.next().ok_or("no block")?)?;
    let shown = words.map(str::parse).collect::<Result<Vec<Txid>, _>>()?;
    Ok(serialize_hex(&MerkleBlock::from_block_with_predicate(&block, |txid| shown.contains(txid))))
}

fn read(hex: &str) -> String {
    let tree: MerkleBlock = match deserialize_hex(hex) {
        Ok(tree) => tree,
        Err(_) => return "error Unreadable".into(),
    };
    let (mut matches, mut indexes) = (Vec::new(), Vec::new());
    if let Err(error) = tree.extract_matches(&mut matches, &mut indexes) {
        return format!("error {error:?}");
    }
    let mut answer = String::from("ok");
    for (index, txid) in indexes.iter().zip(&matches) {
        write!(answer, " {index}:{txid}").unwrap();
    }
    answer
}
