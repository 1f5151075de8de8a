using PSSecureChat.Tests;

namespace PSSecureChat.ModuleTests;

/// <summary>What a peer has chosen, in every place where the module shows it. What is left to whoever shows it stands in docs/security.md.</summary>
public sealed class HostileTests(HostileScene scene) : IClassFixture<HostileScene>
{
    private static readonly string[] s_shown =
    [
        "$message", "\"$message\"", "Get-ChatServer; $message", "$carrier", "Get-ChatServer; $carrier", "Get-ChatInbox -Server $alice", "Get-ChatHistory -Server $bob", "$ofOtherKind",
        "$messageOfJob", "\"$messageOfJob\"", "Get-ChatServer; $messageOfJob",
        "$mail", "$mail.SourceArgs", "$mail.SourceEventArgs", "\"$($mail.SourceEventArgs)\"", "Get-ChatServer; $mail", "Get-ChatServer; $mail.SourceEventArgs",
        "$progress", "$progress.SourceEventArgs", "\"$($progress.SourceArgs)\"",
    ];

    private static readonly string[] s_objects =
    [
        "$body", "\"$body\"", "'{0}' -f $body", "'' + $body", "$body, 1 -join ' '", "$body.ToString()", "Get-ChatServer; $body", "throw $body",
        "$body.Nested", "\"$($body.Nested)\"", "@{ One = $body; Two = @($body.Nested, $body) }", "[pscustomobject]@{ One = $body; Two = @($body.Nested, $body) }",
        "$body.PSObject.Properties | ForEach-Object { \"$_\" }", "$body.PSObject.Properties.Name", "$copy = $body.PSObject.Copy(); $copy; \"$copy\"; $copy.PSObject.Members | ForEach-Object { \"$_\" }",
        "$bodyOfJob", "\"$bodyOfJob\"", "Get-ChatServer; $bodyOfJob", "Send-ChatMessage alice -InputObject $body -WaitFor Delivered",
    ];

    private static readonly string[] s_files =
    [
        "$sent", "\"$sent\"", "Get-ChatServer; $sent", "$offered", "\"$offered\"", "Get-ChatServer; $offered", "$offered.Name", "$sent.Name",
        "Send-ChatFile alice -LiteralPath $file -WhatIf", "Send-ChatFile alice -LiteralPath $file -Verbose", "Stop-ChatTransfer -Transfer $sent -WhatIf",
        "$again = Send-ChatFile alice -LiteralPath $file; while (-not ($offer = Get-ChatTransfer -Id $again.Id -Server $alice -ErrorAction Ignore)) { }; $offer | Receive-ChatFile -Destination $root/taken -Wait -Verbose -Server $alice",
        "Send-ChatFile alice -LiteralPath $file | Stop-ChatTransfer -PassThru", "$job = Send-ChatFile alice -LiteralPath $file -AsJob; $job.StatusMessage; Stop-ChatTransfer -Transfer @(Get-ChatTransfer)[-1]; $null = $job.Finished.WaitOne(); $job.Error",
    ];

    private static readonly string[] s_completed =
    [
        "Receive-ChatFile -Server $alice -Name ", "Receive-ChatFile -Server $alice -Name \"", "Get-ChatTransfer ", "Get-ChatTransfer -Id ", "Suspend-ChatTransfer -Server $bob ma",
        "Send-ChatMessage bob yes -Server $alice -InReplyTo ", "Wait-ChatMessage -Server $bob -InReplyTo ",
    ];

    // What a script passes on: a text of a peer in place of a name, an address, an id.
    private static readonly string[] s_passedOn =
    [
        "$evil | Get-ChatPeer", "$evil | Connect-ChatPeer", "Connect-ChatPeer \"${evil}:1\"", "Connect-ChatPeer \"127.0.0.1:$evil\"", "Connect-ChatPeer 127.0.0.1 $evil",
        "Connect-ChatPeer 127.0.0.1 1 -Fingerprint $evil", "Send-ChatMessage $evil hi", "$evil | Test-ChatPeer", "Test-ChatPeer \"${evil}:1\"", "Get-ChatHistory $evil", "Get-ChatOutbox $evil", "Get-ChatInbox $evil",
        "Receive-ChatMessage $evil", "Receive-ChatMessage -Consumer $evil", "Wait-ChatMessage -From $evil", "Wait-ChatMessage $evil", "Send-ChatMessage alice yes -InReplyTo $evil", "Get-ChatConsumer $evil", "Remove-ChatConsumer $evil",
        "Get-ChatServer $evil", "Stop-ChatServer $evil", "Get-ChatPeer -Server $evil", "Start-ChatServer 127.0.0.1 0 $evil -Ephemeral", "Start-ChatServer $evil 0 carol -Ephemeral", "Start-ChatServer 127.0.0.1 0 carol -Ephemeral -ReceiveFilesTo $evil",
        "Approve-ChatPeer $evil", "Block-ChatPeer $evil", "Confirm-ChatPeer alice $evil", "Approve-ChatPeer alice -SafetyNumber $evil", "Remove-ChatPeer $evil", "Enter-ChatConversation $evil", "New-ChatInvitation $evil", "Get-ChatInvitation $evil", "Remove-ChatInvitation $evil",
        "Send-ChatFile alice $evil", "Send-ChatFile alice \"$evil/*.txt\"", "Send-ChatFile $evil $file", "Receive-ChatFile $evil -Server $alice", "Get-ChatTransfer $evil", "Stop-ChatTransfer $evil", "Receive-ChatFile -Server $alice -Destination \"$root/$evil/none\"",
        "Restore-ChatStore \"$root/$evil\" $word $root/new", "Register-ChatEvent MessageReceived -SourceIdentifier $evil; Register-ChatEvent MessageReceived -SourceIdentifier $evil",
    ];

    private static readonly string[] s_asked =
    [
        "$evil | Connect-ChatPeer -WhatIf", "Remove-ChatMessage $message -WhatIf", "Remove-ChatMessage $message -Confirm", "$evil | Remove-ChatInvitation -WhatIf", "Receive-ChatFile -Server $alice -Destination $evil -WhatIf",
        "Backup-ChatStore $evil $word -WhatIf", "Restore-ChatStore x $word $evil -WhatIf", "Start-ChatServer $evil 0 carol -WhatIf",
    ];

    public static TheoryData<string> Places =>
    [
        .. s_shown, .. s_objects, .. s_files, .. s_asked,
        .. s_completed.Select(static line => $"$line = '{line}'; (TabExpansion2 $line $line.Length).CompletionMatches | ForEach-Object {{ $_.CompletionText; $_.ListItemText; $_.ToolTip }}"),
        .. from view in new[] { "ConciseView", "NormalView" }
           from line in s_passedOn
           select $"$global:ErrorView = '{view}'; {line}",
    ];

    public static TheoryData<string> PassedOn => [.. s_passedOn];

    [Theory]
    [MemberData(nameof(Places))]
    public void Nothing_of_a_peer_reaches_the_terminal_raw(string line)
    {
        string shown = scene.Show(line);
        Assert.Contains(HostileText.Mark, shown, StringComparison.Ordinal);
        AssertSafe(shown);
    }

    [Theory]
    [MemberData(nameof(PassedOn))]
    public void Nor_where_an_error_is_one_line_with_the_middle_left_out(string line) => AssertSafe(scene.Show($"$global:ErrorView = 'CategoryView'; {line}"));

    [Fact]
    public void What_scripts_compare_is_exact() => Assert.Equal(
        "True True True True",
        scene.Show("\"$($message.Text -ceq $evil) $($body.First -ceq $evil) $($body.Nested.List[1].Id -ceq $evil) $($body.List[0] -ceq $evil)\"").Trim());

    private static void AssertSafe(string shown)
    {
        string? complaint = HostileText.Complaint(shown);
        Assert.True(complaint is null, complaint);
    }
}
