using System.Text;

namespace PSSecureChat.Engine;

/// <summary>
/// What a name looks like, as far as letters of other alphabets can pass for Latin ones. Two names of one look, or that
/// differ in case only, are one name to whoever reads them. Characters are told apart first as they stand and then by their
/// compatibility decomposition (full width, mathematical and superscript letters); then the table below, of facts in the Unicode
/// Consortium's confusables data, gives Cyrillic, Greek, Armenian and small-capital letters the Latin ones they are drawn like.
/// Not covered: other alphabets (Cherokee, Lisu, Coptic, …), letters that are merely similar (a dot or a stroke more), and likenesses
/// within an alphabet other than 1 l I, 0 O o, and rn m.
/// </summary>
internal static class NameLook
{
    // Pairs of strings: each character of the first is drawn like the one at its place in the second.
    private static readonly (string Foreign, string Latin)[] s_alphabets =
    [
        ("АВЕЅІЈКМНОРСТУХԚԜѴҮЬӀ", "ABESlJKMHOPCTYXQWVYbl"), // Cyrillic
        ("аеорсухіјѕһԁԛԝѵӏкгүь", "aeopcyxijshdqwvlkryb"),
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿ", "ABEZHlKMNOPTYXCJ"), // Greek
        ("αορνικυγχηωσςϲϳ", "aopvikuyxnwoccj"),
        ("ՕՍԼՏ", "OULS"), // Armenian
        ("օսհոռցզգյա", "ouhnngqqjw"),
        ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz"), // small capitals
        ("ɑɡıɩǀ01I", "agiiloll"), // Latin and digits
    ];

    private static readonly Dictionary<Rune, string> s_table = s_alphabets
        .SelectMany(static alphabet => alphabet.Foreign.EnumerateRunes().Zip(alphabet.Latin))
        .ToDictionary(static pair => pair.First, static pair => pair.Second.ToString());

    /// <summary>The keys of a name: two names that share one are not to be told apart.</summary>
    public static IReadOnlyList<string> KeysOf(string name)
    {
        string folded = name.Normalize(NormalizationForm.FormKC).ToUpperInvariant().ToLowerInvariant();
        string look = Draw(name);
        return folded == look ? [folded] : [folded, look];
    }

    private static string Draw(string name)
    {
        StringBuilder drawn = new(name.Length);
        foreach (Rune rune in name.EnumerateRunes())
        {
            if (s_table.TryGetValue(rune, out string? latin))
            {
                drawn.Append(latin);
                continue;
            }

            foreach (Rune part in rune.ToString().Normalize(NormalizationForm.FormKD).EnumerateRunes())
            {
                _ = s_table.TryGetValue(part, out latin) ? drawn.Append(latin) : drawn.Append(part.ToString());
            }
        }

        return drawn.ToString().ToLowerInvariant().Replace("rn", "m", StringComparison.Ordinal);
    }
}
