using System.Management.Automation;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PSSecureChat.ModuleTests;

/// <summary>The tables of the view file hold on a terminal of 80 columns, of which PowerShell leaves one free, whatever peers call themselves and their files.</summary>
public sealed class ViewTests : IDisposable
{
    private const int Columns = 79;

    private static readonly XElement[] s_views = [.. XDocument.Load(Path.Combine(Repository.Root, "module", "PSSecureChat.Format.ps1xml")).Descendants("View").Where(static view => view.Element("TableControl") is not null)];

    private readonly Session _session = Session.Start();

    public static TheoryData<string> Tables => [.. s_views.Select(static view => view.Element("Name")!.Value)];

    public void Dispose() => _session.Dispose();

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_table_fits_and_its_last_column_has_room(string table)
    {
        int?[] widths = Widths(table);
        int gaps = widths.Length - 1;

        Assert.InRange(widths.Sum(static width => width ?? 20) + gaps, 40, Columns);
        Assert.All(widths[..^1].Index(), column => Assert.True(column.Item is not null || (table == "Servers" && column.Index == 2), "only the last column, or that of endpoints, takes what is left"));
    }

    // Every property with a value that is as long as it can be, and longer for names of hosts.
    [Theory]
    [InlineData("'x' * 64", "'f' * 251 + '.txt'")]
    [InlineData("'漢' * 21", "'漢' * 83 + '.txt'")]
    [InlineData("'Anna Maria Theodora von und zu Habsburg and so on until it ends.'", "'two words ' * 25 + '.txt'")]
    public void No_value_is_wider_than_its_column(string name, string file)
    {
        _session.Run($$"""
            $name = {{name}}; $now = [DateTimeOffset]::Now
            $worst = [pscustomobject]@{
                Name = $name; Peer = $name; From = $name; To = $name; Server = $name; Address = 'a-long-name-of-a-host.' * 11; Port = 65535; Text = 'words and words ' * 60
                Direction = 'Incoming'; Kind = 'Text'; StoredAt = $now.AddDays(-1); CreatedAt = $now; ExpiresAt = $now; LastUsed = $now
                Length = 999MB; Rate = 999KB; PercentComplete = 100; RoundTrip = [timespan]::FromSeconds(99.9)
            }
            $file = $worst.PSObject.Copy(); $file.Name = {{file}}
            """);
        foreach (XElement view in s_views)
        {
            string table = view.Element("Name")!.Value;
            foreach ((int? width, XElement item) in Widths(table).Zip(view.Descendants("TableColumnItem")))
            {
                if (width is not null && item.Element("ScriptBlock")?.Value is { } script && !script.Contains(".State", StringComparison.Ordinal) && !script.Contains(".Trust", StringComparison.Ordinal))
                {
                    Transcript shown = _session.Run($"{(table == "Transfers" ? "$file" : "$worst")} | ForEach-Object {{ \"$({script})\" }}");
                    Assert.Empty(shown.Errors);
                    Assert.All(shown.Output.SelectMany(static text => text.ToString().Split('\n')), line => Assert.True(Cells(line) <= width, $"{table}: {line}"));
                }
            }
        }
    }

    [Theory]
    [InlineData("Messages", "State", "ChatMessageState")]
    [InlineData("Outbox", "State", "ChatMessageState")]
    [InlineData("Transfers", "State", "ChatTransferState")]
    [InlineData("Peers", "State", "ChatPeerState")]
    [InlineData("Peers", "Trust", "ChatTrust")]
    [InlineData("Security", "State", "ChatPeerState")]
    [InlineData("Servers", "State", "ChatServerState")]
    public void Every_state_fits_its_column(string table, string column, string type)
    {
        int index = Array.IndexOf([.. View(table).Descendants("Label").Select(static label => label.Value)], column);

        Assert.InRange(_session.Run($"[enum]::GetNames([PSSecureChat.{type}])").Output.Max(static name => name.ToString().Length), 1, Widths(table)[index]!.Value);
    }

    [Fact]
    public void A_file_is_one_line_of_its_table_and_keeps_what_kind_it_is() =>
        Assert.Equal(["output: fffffffffffffff…ffff.txt"], _session.Run("[PSSecureChat.Views.ViewText]::Ends('f' * 251 + '.txt', 24)").Lines);

    private static XElement View(string table) => s_views.Single(view => view.Element("Name")!.Value == table);

    private static int?[] Widths(string table) => [.. View(table).Descendants("TableColumnHeader").Select(static header => (int?)header.Element("Width"))];

    // As PowerShell counts them, colours aside.
    private static int Cells(string line) => Regex.Replace(line, "\u001b\\[[0-9;]*m", string.Empty).Sum(static c => c >= '\u2E80' ? 2 : 1);
}
