using System.Diagnostics;
using PSSecureChat.Engine.Transfers;

namespace PSSecureChat.Engine.Tests.Transfers;

public class NoFileTests
{
    [Fact]
    public void A_pipe_is_no_file_also_behind_a_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes in folders.");
        string folder = Directory.CreateTempSubdirectory("pssc-").FullName;
        try
        {
            string pipe = Path.Combine(folder, "pipe");
            using Process made = Process.Start("mkfifo", [pipe]);
            made.WaitForExit();
            string link = Path.Combine(folder, "link");
            File.CreateSymbolicLink(link, pipe);

            Assert.Equal(ChatErrorId.FileNotUsable, Assert.Throws<ChatException>(() => SourceFile.Look(pipe)).ErrorId);
            Assert.Equal(ChatErrorId.FileNotUsable, Assert.Throws<ChatException>(() => SourceFile.Look(link)).ErrorId);
            File.WriteAllText(Path.Combine(folder, "empty"), "");
            Assert.Equal(0, SourceFile.Look(Path.Combine(folder, "empty")).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(280, 280)]
    [InlineData(281, 281)] // 280 and the mark
    [InlineData(100_000, 281)]
    public void A_table_shows_the_beginning_of_a_text(int length, int shown) => Assert.Equal(shown, SafeText.ForTable(new string('x', length)).Length);

    [Fact]
    public void A_table_shows_few_lines_and_no_half_characters()
    {
        Assert.Equal(8, SafeText.ForTable(string.Concat(Enumerable.Repeat("a\n", 100))).Split('\n').Length);
        Assert.Equal(new string('x', 279) + "…", SafeText.ForTable(new string('x', 279) + "😀 and more"));
    }
}
