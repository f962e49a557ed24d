package org.tutti.app.cli;

import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.bitcoin.network.Network;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.api.AddressInfo;
import org.tutti.node.config.ContactNames;
import org.tutti.wallet.coins.GroupWallet;
import org.tutti.wallet.coins.WalletException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/// `./tutti request address --network NAME --keys KEY,…`
@Command(
        name = "address",
        mixinStandardHelpOptions = true,
        description =
                "Print the address whose coins these signers move together, tr(musig(keys)), without any"
                        + " node. Compare it with what the others print before anybody pays to it.")
final class RequestAddressCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(
            names = "--keys",
            required = true,
            split = ",",
            paramLabel = "KEY",
            description = "All signers' keys, 66 hex digits each, in any order.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private List<String> keys;

    @Option(
            names = "--network",
            required = true,
            paramLabel = "NAME",
            description = "mainnet, testnet3, testnet4, signet or regtest.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String networkName;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        ContactNames noNames = new ContactNames(Map.of());
        List<PublicKey> parsed = keys.stream().map(text -> key(noNames, text)).toList();
        try {
            GroupWallet wallet = GroupWallet.of(parsed, network());
            AddressInfo answer =
                    new AddressInfo(
                            wallet.address().text(),
                            wallet.network().name(),
                            wallet.internalKey().bytes().toHex(),
                            wallet.outputKey().bytes().toHex());
            spec.commandLine()
                    .getOut()
                    .println(json ? ControlOptions.jsonLine(answer) : answer.address());
            return ExitCodes.OK;
        } catch (WalletException e) {
            throw new CommandFailed("INVALID", ExitCodes.FAILED, String.valueOf(e.getMessage()), e);
        }
    }

    private PublicKey key(ContactNames noNames, String text) {
        try {
            return noNames.key(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "--keys: " + text + ": not a key of 66 hex digits");
        }
    }

    private Network network() {
        return Network.byName(networkName)
                .orElseThrow(() ->
                        new ParameterException(
                                spec.commandLine(),
                                "--network: "
                                        + networkName
                                        + ": not one of "
                                        + Network.all().stream()
                                                .map(Network::name)
                                                .collect(Collectors.joining(", "))));
    }
}
