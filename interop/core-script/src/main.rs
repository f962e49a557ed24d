//! Reads one question a line and answers each with one line: the name of Bitcoin Core's script error, or `OK`.
//!
//! ```text
//! FLAGS INPUT TRANSACTION VALUE:SCRIPT …
//! ```
//!
//! FLAGS is decimal, Core's bits; INPUT the index of the input in question; TRANSACTION hex; then value in satoshis and script in hex of
//! each output that the inputs spend. An empty line asks for all answers so far.
//!
//! Where the flags are among those that the crate's own interface takes, that interface is asked too, and must agree.

use std::error::Error;
use std::ffi::{CStr, c_char};
use std::io::{self, BufRead, BufWriter, Write};

use bitcoinconsensus::{Utxo, VERIFY_ALL_PRE_TAPROOT, VERIFY_TAPROOT, verify_with_flags};

#[repr(C)]
struct Output {
    script: *const u8,
    script_size: usize,
    value: i64,
}

unsafe extern "C" {
    fn core_verify(tx: *const u8, tx_size: usize, outputs: *const Output, count: usize, input: u32, flags: u32) -> *const c_char;
}

struct Question {
    flags: u32,
    input: usize,
    transaction: Vec<u8>,
    spent: Vec<(i64, Vec<u8>)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        if line.is_empty() {
            out.flush()?;
        } else {
            writeln!(out, "{}", answer(&parse(&line)?)?)?;
        }
    }
    Ok(out.flush()?)
}

fn parse(line: &str) -> Result<Question, Box<dyn Error>> {
    let mut words = line.split(' ');
    let mut next = || words.next().ok_or("a word is missing");
    let (flags, input, transaction) = (next()?.parse()?, next()?.parse()?, hex(next()?)?);
    let mut spent = Vec::new();
    for word in words {
        let (value, script) = word.split_once(':').ok_or("no colon")?;
        spent.push((value.parse()?, hex(script)?));
    }
    Ok(Question {
        flags,
        input,
        transaction,
        spent,
    })
}

fn hex(text: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return Err("not hex".into());
    }
    (0..text.len()).step_by(2).map(|i| Ok(u8::from_str_radix(&text[i..i + 2], 16)?)).collect()
}

fn answer(question: &Question) -> Result<&'static str, Box<dyn Error>> {
    let outputs: Vec<Output> = question
        .spent
        .iter()
        .map(|(value, script)| Output {
            script: script.as_ptr(),
            script_size: script.len(),
            value: *value,
        })
        .collect();
    // SAFETY: the pointers are valid for the call with the sizes beside them, and the answer is a literal.
    let name = unsafe {
        let name = core_verify(
            question.transaction.as_ptr(),
            question.transaction.len(),
            outputs.as_ptr(),
            outputs.len(),
            question.input as u32,
            question.flags,
        );
        if name.is_null() {
            return Err("not a transaction with such an input".into());
        }
        CStr::from_ptr(name).to_str()?
    };
    if question.flags & !(VERIFY_ALL_PRE_TAPROOT | VERIFY_TAPROOT) == 0 && by_the_crate(question) != (name == "OK") {
        return Err(format!("the crate's interface does not say {name}").into());
    }
    Ok(name)
}

fn by_the_crate(question: &Question) -> bool {
    let spent: Vec<Utxo> = question
        .spent
        .iter()
        .map(|(value, script)| Utxo {
            script_pubkey: script.as_ptr(),
            script_pubkey_len: script.len() as u32,
            value: *value,
        })
        .collect();
    let (value, script) = &question.spent[question.input];
    verify_with_flags(script, *value as u64, &question.transaction, Some(&spent), question.input, question.flags).is_ok()
}
