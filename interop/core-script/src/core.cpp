// What the crate bitcoinconsensus does not show of the library that it builds: every flag, and the error's name.

#include <primitives/transaction.h>
#include <script/interpreter.h>
#include <script/script_error.h>
#include <version.h>

#include <cstdint>
#include <cstring>
#include <ios>
#include <utility>
#include <vector>

namespace {

// The bytes of one transaction, as Core's templates read them.
class Bytes
{
public:
    Bytes(const unsigned char* data, size_t size) : m_data(data), m_left(size) {}

    void read(Span<std::byte> to)
    {
        if (to.size() > m_left) throw std::ios_base::failure("end of data");
        memcpy(to.data(), m_data, to.size());
        m_data += to.size();
        m_left -= to.size();
    }

    template <typename T>
    Bytes& operator>>(T&& object)
    {
        ::Unserialize(*this, object);
        return *this;
    }

    int GetVersion() const { return PROTOCOL_VERSION; }
    size_t left() const { return m_left; }

private:
    const unsigned char* m_data;
    size_t m_left;
};

#define NAME(error) {SCRIPT_ERR_##error, #error}
const std::pair<ScriptError, const char*> NAMES[] = {
    NAME(OK),
    NAME(UNKNOWN_ERROR),
    NAME(EVAL_FALSE),
    NAME(OP_RETURN),
    NAME(SCRIPT_SIZE),
    NAME(PUSH_SIZE),
    NAME(OP_COUNT),
    NAME(STACK_SIZE),
    NAME(SIG_COUNT),
    NAME(PUBKEY_COUNT),
    NAME(VERIFY),
    NAME(EQUALVERIFY),
    NAME(CHECKMULTISIGVERIFY),
    NAME(CHECKSIGVERIFY),
    NAME(NUMEQUALVERIFY),
    NAME(BAD_OPCODE),
    NAME(DISABLED_OPCODE),
    NAME(INVALID_STACK_OPERATION),
    NAME(INVALID_ALTSTACK_OPERATION),
    NAME(UNBALANCED_CONDITIONAL),
    NAME(NEGATIVE_LOCKTIME),
    NAME(UNSATISFIED_LOCKTIME),
    NAME(SIG_HASHTYPE),
    NAME(SIG_DER),
    NAME(MINIMALDATA),
    NAME(SIG_PUSHONLY),
    NAME(SIG_HIGH_S),
    NAME(SIG_NULLDUMMY),
    NAME(PUBKEYTYPE),
    NAME(CLEANSTACK),
    NAME(MINIMALIF),
    NAME(SIG_NULLFAIL),
    NAME(DISCOURAGE_UPGRADABLE_NOPS),
    NAME(DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM),
    NAME(DISCOURAGE_UPGRADABLE_TAPROOT_VERSION),
    NAME(DISCOURAGE_OP_SUCCESS),
    NAME(DISCOURAGE_UPGRADABLE_PUBKEYTYPE),
    NAME(WITNESS_PROGRAM_WRONG_LENGTH),
    NAME(WITNESS_PROGRAM_WITNESS_EMPTY),
    NAME(WITNESS_PROGRAM_MISMATCH),
    NAME(WITNESS_MALLEATED),
    NAME(WITNESS_MALLEATED_P2SH),
    NAME(WITNESS_UNEXPECTED),
    NAME(WITNESS_PUBKEYTYPE),
    NAME(SCHNORR_SIG_SIZE),
    NAME(SCHNORR_SIG_HASHTYPE),
    NAME(SCHNORR_SIG),
    NAME(TAPROOT_WRONG_CONTROL_SIZE),
    NAME(TAPSCRIPT_VALIDATION_WEIGHT),
    NAME(TAPSCRIPT_CHECKMULTISIG),
    NAME(TAPSCRIPT_MINIMALIF),
    NAME(OP_CODESEPARATOR),
    NAME(SIG_FINDANDDELETE),
};

} // namespace

struct Output {
    const unsigned char* script;
    size_t script_size;
    int64_t value;
};

// The name of the error, "OK" where there is none, null if that is no transaction with such an input.
extern "C" const char* core_verify(const unsigned char* tx_data, size_t tx_size, const Output* outputs, size_t output_count, uint32_t input, uint32_t flags)
{
    try {
        Bytes stream(tx_data, tx_size);
        const CTransaction tx(deserialize, stream);
        if (stream.left() != 0 || output_count != tx.vin.size() || input >= tx.vin.size()) return nullptr;
        std::vector<CTxOut> spent;
        for (size_t i = 0; i < output_count; ++i) {
            spent.emplace_back(outputs[i].value, CScript(outputs[i].script, outputs[i].script + outputs[i].script_size));
        }
        const CTxOut own = spent[input];
        PrecomputedTransactionData txdata;
        txdata.Init(tx, std::move(spent));
        ScriptError error = SCRIPT_ERR_UNKNOWN_ERROR;
        const TransactionSignatureChecker checker(&tx, input, own.nValue, txdata, MissingDataBehavior::FAIL);
        // On success the error may be left as it was.
        if (VerifyScript(tx.vin[input].scriptSig, own.scriptPubKey, &tx.vin[input].scriptWitness, flags, checker, &error)) return "OK";
        for (const auto& [code, name] : NAMES) {
            if (code == error) return name;
        }
        return "UNNAMED";
    } catch (const std::exception&) {
        return nullptr;
    }
}
