//! Keys are zeroed: after certificates were made, stored, loaded and dropped, this process's memory holds no private key of theirs.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::io::{Read, Seek, SeekFrom};

use daemonset_certs::{Clock, dev, files};

/// How a key is hidden in this test's own memory.
const MASK: u8 = 0xa5;

/// How often the bytes occur in the writable memory of this process. `hidden` are the bytes, each XOR [`MASK`].
fn occurrences(hidden: &[u8]) -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut memory = std::fs::File::open("/proc/self/mem").unwrap();
    let mut found = 0;
    // The pages are looked at in one buffer, hidden as well, so that the copies in it do not count.
    let mut page = vec![0_u8; 1 << 16];
    let overlap = hidden.len() - 1;
    for line in maps.lines() {
        let mut parts = line.split_whitespace();
        let (range, rights) = (parts.next().unwrap(), parts.next().unwrap());
        if !rights.starts_with("rw") || line.contains("[v") {
            continue;
        }
        let (start, end) = range.split_once('-').unwrap();
        let (start, end) = (u64::from_str_radix(start, 16).unwrap(), u64::from_str_radix(end, 16).unwrap());
        let mut at = start;
        while at < end {
            let length = usize::try_from(end - at).unwrap().min(page.len());
            if memory.seek(SeekFrom::Start(at)).is_err() || memory.read_exact(&mut page[..length]).is_err() {
                break;
            }
            page[..length].iter_mut().for_each(|byte| *byte ^= MASK);
            found += page[..length].windows(hidden.len()).filter(|window| *window == hidden).count();
            page.fill(0);
            if length <= overlap {
                break;
            }
            at += (length - if at + (length as u64) < end { overlap } else { 0 }) as u64;
        }
    }
    found
}

fn hide(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte ^ MASK).collect()
}

/// Reads a part of the key's file byte by byte into a hidden copy: the middle of its text, which is only random digits.
#[allow(clippy::unbuffered_bytes, reason = "a buffer would keep what is searched for")]
fn secret(path: &std::path::Path) -> Vec<u8> {
    let file = std::fs::File::open(path).unwrap();
    let mut hidden = Vec::with_capacity(4096);
    for byte in file.bytes() {
        hidden.push(byte.unwrap() ^ MASK);
    }
    let begin = hide(b"-----BEGIN PRIVATE KEY-----\n").len();
    // The scalar of a P-256 key begins at byte 36 of the DER: at character 48 of the text.
    hidden[begin + 49..begin + 64].to_vec()
}

#[test]
fn dropped_keys_leave_nothing_behind() {
    // The search finds what is there.
    let known: Vec<u8> = (0..15).map(|byte| byte * 7 + 3).collect();
    assert!(occurrences(&hide(&known)) >= 1);

    let dir = tempfile::tempdir().unwrap();
    let written = dev::write(dir.path(), &[]).unwrap();
    let secret = secret(&written.key);
    assert_eq!(occurrences(&secret), 0, "making a certificate leaves the text of its key behind");

    let (served, keeping) = files::watch(dir.path().to_owned(), None, Clock::default()).unwrap();
    assert!(served.borrow().is_some());
    drop((served, keeping));
    // The thread that reads the folder ends with its last reader.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert_eq!(occurrences(&secret), 0, "serving a certificate leaves the text of its key behind");
}
