package org.tutti.app.cli;

import org.tutti.node.api.SignerInfo;

import java.io.PrintWriter;

/// Signers as text.
final class SignerText {
    private SignerText() {}

    static void print(PrintWriter out, SignerInfo signer) {
        out.println(
                "%s%s%s"
                        .formatted(
                                signer.key(),
                                signer.contact().map(name -> " (" + name + ")").orElse(""),
                                signer.verified() ? " verified" : ""));
        out.println(
                "  %s%s%s"
                        .formatted(
                                String.join(", ", signer.types()),
                                signer.nickname().isEmpty() ? "" : " \"" + signer.nickname() + "\"",
                                signer.via().map(via -> ", found by " + via).orElse("")));
        out.println(
                "  amounts %s, fee %d sat and %d ppm, until %s"
                        .formatted(
                                amounts(signer), signer.feeSat(), signer.feePpm(), signer.until()));
        if (!signer.description().isEmpty()) {
            out.println("  " + signer.description());
        }
    }

    private static String amounts(SignerInfo signer) {
        return signer.maxAmountSat() == 0
                ? "from " + signer.minAmountSat() + " sat"
                : signer.minAmountSat() + " to " + signer.maxAmountSat() + " sat";
    }
}
