using System.Text;
using PSSecureChat.Engine.Transfers;

namespace PSSecureChat.Engine.Tests.Transfers;

public sealed class SafeFileNameTests
{
    [Theory]
    [InlineData("report.pdf", "report.pdf")]
    [InlineData("Grüße aus Köln.txt", "Grüße aus Köln.txt")]
    [InlineData("日本語 😀.md", "日本語 😀.md")]
    [InlineData("archive.tar.gz", "archive.tar.gz")]
    [InlineData("no extension", "no extension")]
    [InlineData("..", "file")]
    [InlineData(".", "file")]
    [InlineData("...", "file")]
    [InlineData("", "file")]
    [InlineData("   ", "file")]
    [InlineData(". .", "file")]
    [InlineData("/", "_")]
    [InlineData("/etc/passwd", "_etc_passwd")]
    [InlineData("../../etc/passwd", "__.._etc_passwd")]
    [InlineData("..\\..\\windows\\system32\\x.dll", "__.._windows_system32_x.dll")]
    [InlineData("a/../b", "a_.._b")]
    [InlineData("C:\\autoexec.bat", "C__autoexec.bat")]
    [InlineData("C:", "C_")]
    [InlineData("\\\\server\\share\\x", "__server_share_x")]
    [InlineData("\\\\?\\C:\\x", "____C__x")]
    [InlineData("\\\\.\\PhysicalDrive0", "__._PhysicalDrive0")]
    [InlineData("a:b", "a_b")]
    [InlineData("file.txt:hidden.exe", "file.txt_hidden.exe")]
    [InlineData("file.txt::$DATA", "file.txt__$DATA")]
    [InlineData("CON", "_CON")]
    [InlineData("con.txt", "_con.txt")]
    [InlineData("Nul", "_Nul")]
    [InlineData("nul.tar.gz", "_nul.tar.gz")]
    [InlineData("PRN .txt", "_PRN .txt")]
    [InlineData("AUX", "_AUX")]
    [InlineData("COM1", "_COM1")]
    [InlineData("com9.log", "_com9.log")]
    [InlineData("COM0", "_COM0")]
    [InlineData("LPT1", "_LPT1")]
    [InlineData("COM\u00B9", "_COM\u00B9")]
    [InlineData("LPT\u00B3.txt", "_LPT\u00B3.txt")]
    [InlineData("CONIN$", "_CONIN$")]
    [InlineData("CONOUT$", "_CONOUT$")]
    [InlineData("CLOCK$", "_CLOCK$")]
    [InlineData("COM10", "COM10")]
    [InlineData("console", "console")]
    [InlineData("trailing.", "trailing")]
    [InlineData("trailing. . .", "trailing")]
    [InlineData("trailing   ", "trailing")]
    [InlineData("  leading", "leading")]
    [InlineData(".bashrc", "_bashrc")]
    [InlineData("..hidden", "_hidden")]
    [InlineData("~", "_")]
    [InlineData("~root", "_root")]
    [InlineData("a\0b", "a_b")]
    [InlineData("a\nb\r\tc", "a_b__c")]
    [InlineData("\u001b[31mred", "_[31mred")]
    [InlineData("\u0007bell", "_bell")]
    [InlineData("a\u007Fb", "a_b")]
    [InlineData("a\u0085b", "a_b")]
    [InlineData("gpj.\u202Eexe", "gpj._exe")]
    [InlineData("a\u2066b\u2069", "a_b_")]
    [InlineData("a\u200Bb", "a_b")]
    [InlineData("\uFEFFbom", "_bom")]
    [InlineData("a\u2028b", "a_b")]
    [InlineData("a\u00A0b", "a_b")]
    [InlineData("a<b>c|d?e*f\"g", "a_b_c_d_e_f_g")]
    [InlineData("\uE000private", "_private")]
    [InlineData("e\u0301", "é")]
    [InlineData("$HOME`whoami`", "$HOME`whoami`")]
    public void A_name_of_a_peer_becomes_one_that_is_safe_here(string name, string expected)
    {
        string safe = SafeFileName.From(name);
        Assert.Equal(expected, safe);
        string folder = Path.GetTempPath();
        Assert.Equal(Path.TrimEndingDirectorySeparator(folder), Path.GetDirectoryName(Path.GetFullPath(Path.Combine(folder, safe))));
        Assert.Equal(safe, SafeFileName.From(safe)); // what is safe stays as it is
    }

    [Theory]
    [InlineData(SafeFileName.MaxBytes - 1)]
    [InlineData(SafeFileName.MaxBytes)]
    [InlineData(SafeFileName.MaxBytes + 1)]
    [InlineData(100_000)]
    public void A_long_name_is_cut_between_characters_and_keeps_its_ending(int bytes)
    {
        foreach (string letter in new[] { "x", "ä", "日", "😀" })
        {
            string name = new StringBuilder().Insert(0, letter, (bytes - 4) / Encoding.UTF8.GetByteCount(letter)).Append(".txt").ToString();
            string safe = SafeFileName.From(name);
            Assert.EndsWith($"{letter}.txt", safe, StringComparison.Ordinal);
            Assert.InRange(Encoding.UTF8.GetByteCount(safe), 1, SafeFileName.MaxBytes);
            Assert.Equal(Encoding.UTF8.GetByteCount(name) <= SafeFileName.MaxBytes, name == safe);
        }

        Assert.InRange(SafeFileName.From("a." + new string('x', bytes)).Length, 1, SafeFileName.MaxBytes);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_replaced()
    {
        Assert.Equal("half _ of", SafeFileName.From("half \uD83D of"));
        Assert.Equal("half \uFFFD of", SafeFileName.ForOffer("half \uD83D of"));
    }

    [Fact]
    public void A_number_stands_before_the_ending()
    {
        Assert.Equal("a (1).txt", SafeFileName.Numbered("a.txt", 1));
        Assert.Equal("a (12)", SafeFileName.Numbered("a", 12));
    }
}
