package org.tutti.musig.internal.secp256k1;

/// Bytes of libsecp256k1's structures, as its headers guarantee them (0.7.1).
public final class Sizes {
    /// A pointer on the 64-bit platforms that we have a library for.
    public static final int POINTER = 8;

    /// `secp256k1_pubkey`.
    public static final int PUBLIC_KEY = 64;

    /// `secp256k1_xonly_pubkey`.
    public static final int XONLY_KEY = 64;

    /// `secp256k1_ecdsa_signature`.
    public static final int ECDSA_SIGNATURE = 64;

    /// `secp256k1_keypair`.
    public static final int KEYPAIR = 96;

    /// `secp256k1_musig_keyagg_cache`.
    public static final int KEYAGG_CACHE = 197;

    /// `secp256k1_musig_secnonce`.
    public static final int SECRET_NONCE = 132;

    /// `secp256k1_musig_pubnonce`.
    public static final int PUBLIC_NONCE = 132;

    /// `secp256k1_musig_aggnonce`.
    public static final int AGGREGATE_NONCE = 132;

    /// `secp256k1_musig_session`.
    public static final int SESSION = 133;

    /// `secp256k1_musig_partial_sig`.
    public static final int PARTIAL_SIGNATURE = 36;

    /// `secp256k1_schnorrsig_extraparams`: magic, padding, nonce function, its data.
    public static final int SCHNORR_EXTRA_PARAMS = 24;

    private Sizes() {}
}
