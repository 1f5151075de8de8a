namespace PSSecureChat.ModuleTests;

/// <summary>
/// While events wait for their action, PowerShell lets work in the thread pool sleep, again and again. Under a flood hardly a thread is left for
/// whatever else goes on in the process, an Import-Module for one, so no other test runs then.
/// </summary>
[CollectionDefinition(nameof(EventFloodTests), DisableParallelization = true)]
[Collection(nameof(EventFloodTests))]
public sealed class EventFloodTests
{
    [Fact]
    public void An_action_hears_of_every_message_in_order_also_of_a_flood()
    {
        using Session session = Session.StartConversation();
        Assert.Equal(["output: 3000 True"], session.Run("""
            $global:count = 0; $global:order = $true
            $null = Register-ChatEvent MessageReceived -Server $alice -SourceIdentifier Flood -Action { $global:count++; if ([int]$EventArgs.Message.Text -ne $count) { $global:order = $false } }
            1..3000 | Send-ChatMessage alice
            $end = [datetime]::UtcNow.AddSeconds(180)
            while ($count -lt 3000 -and [datetime]::UtcNow -lt $end) { }
            "$count $order"
            """).Lines);
    }
}
