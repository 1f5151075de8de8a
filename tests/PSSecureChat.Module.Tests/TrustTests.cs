using System.Management.Automation;

namespace PSSecureChat.ModuleTests;

public sealed class TrustTests
{
    [Fact]
    public void An_invitation_is_one_line_that_connects_and_verifies_both()
    {
        using Session session = Session.Start();
        session.Run("""
            $alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Invited
            $line = New-ChatInvitation
            $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral
            """);

        Assert.Equal(["output: pssc1_ 1"], session.Run("'{0} {1}' -f $line.Substring(0, 6), @($line -split \"`n\").Count").Lines);
        Assert.Equal(["output: alice Verified"], session.Run("$line | Connect-ChatPeer | ForEach-Object { \"$_ $($_.Trust)\" }").Lines);
        session.Until("(Get-ChatPeer bob -Server $alice).State -eq 'Online'");
        Assert.Equal(["output: Verified"], session.Run("(Get-ChatPeer bob -Server $alice).Trust").Lines);
    }

    [Fact]
    public void What_is_wrong_with_an_invitation_is_said_and_the_secret_is_in_no_error()
    {
        using Session session = Session.Start();
        session.Run("""
            $alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Invited
            $line = New-ChatInvitation
            $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral
            $null = Connect-ChatPeer $line
            $carol = Start-ChatServer 127.0.0.1 0 carol -Ephemeral
            """);

        ErrorRecord cut = session.Run("Connect-ChatPeer $line.Substring(0, 60)").Error;
        Assert.Equal(("InvitationNotUsable", ErrorCategory.InvalidArgument, null), (cut.FullyQualifiedErrorId.Split(',')[0], cut.CategoryInfo.Category, cut.TargetObject));
        Assert.Contains("cut off", cut.ErrorDetails.Message, StringComparison.Ordinal);

        ErrorRecord used = session.Run("Connect-ChatPeer $line").Error;
        Assert.Equal(("InvitationRefused", ErrorCategory.PermissionDenied), (used.FullyQualifiedErrorId.Split(',')[0], used.CategoryInfo.Category));
        string line = (string)session.Run("$line").Output[0].BaseObject;
        Assert.DoesNotContain(line[..60], $"{used} {used.TargetObject} {used.ErrorDetails.RecommendedAction} {used.Exception} {cut} {cut.Exception}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_beside_an_invitation_is_an_error_and_the_invitation_stays_good()
    {
        using Session session = Session.Start();
        session.Run("""
            $alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Invited
            $line = New-ChatInvitation
            $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral
            """);

        ErrorRecord error = session.Run("Connect-ChatPeer $line 99").Error;
        Assert.Equal(("AddressNotUsable", ErrorCategory.InvalidArgument), (error.FullyQualifiedErrorId.Split(',')[0], error.CategoryInfo.Category));
        Assert.Contains("its own address and port, and port 99", error.ErrorDetails.Message, StringComparison.Ordinal);
        string line = (string)session.Run("$line").Output[0].BaseObject;
        Assert.DoesNotContain(line[..40], $"{error} {error.TargetObject} {error.ErrorDetails.RecommendedAction} {error.Exception}", StringComparison.Ordinal);
        Assert.Equal(["output: alice"], session.Run("(Connect-ChatPeer $line).Name").Lines);
    }

    [Fact]
    public void Open_invitations_are_listed_and_taken_back()
    {
        using Session session = Session.Start();
        session.Run("$alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Invited");
        Assert.Empty(session.Run("Get-ChatInvitation; New-ChatInvitation -WhatIf; Get-ChatInvitation").Output);
        session.Run("$one = New-ChatInvitation 192.0.2.7 4711; $two = New-ChatInvitation; $three = New-ChatInvitation");

        Assert.Equal(["output: True 192.0.2.7 4711 alice True"], session.Run("""
            Get-ChatInvitation $one.Substring(6, 8) | ForEach-Object { "$($_.Id -ceq $one.Substring(6, 8)) $($_.Address) $($_.Port) $($_.Server) $($_.CreatedAt -lt $_.ExpiresAt)" }
            """).Lines);
        Assert.Equal(["output: 3", "output: 3", "output: 1", "output: False"], session.Run("""
            @(Get-ChatInvitation).Count
            @($alice | Get-ChatInvitation *).Count
            @(Get-ChatInvitation $two).Count
            "$(Get-ChatInvitation | ForEach-Object { $_.PSObject.Properties.Value })".Contains($one.Substring(14, 40))
            """).Lines);

        session.Run("Get-ChatInvitation | Remove-ChatInvitation -WhatIf");
        Assert.Equal(["output: 3"], session.Run("@(Get-ChatInvitation).Count").Lines);
        Assert.Empty(session.Run("Get-ChatInvitation $one | Remove-ChatInvitation; $two | Remove-ChatInvitation").Lines);
        Assert.Equal(["output: True"], session.Run("[string](Get-ChatInvitation) -ceq $three.Substring(6, 8)").Lines);

        ErrorRecord gone = session.Run("Remove-ChatInvitation $one").Error;
        Assert.Equal(("InvitationUnknown", ErrorCategory.ObjectNotFound), (gone.FullyQualifiedErrorId.Split(',')[0], gone.CategoryInfo.Category));
        string line = (string)session.Run("$one").Output[0].BaseObject;
        Assert.Equal(line[6..14], gone.TargetObject);
        Assert.DoesNotContain(line[..40], $"{gone} {gone.ErrorDetails.RecommendedAction} {gone.Exception}", StringComparison.Ordinal);
        Assert.Equal("InvitationUnknown", session.Run("Get-ChatInvitation $one").Error.FullyQualifiedErrorId.Split(',')[0]);
        session.Run("$bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral");
        Assert.Equal("InvitationRefused", session.Run("Connect-ChatPeer $two").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(["output: alice"], session.Run("(Connect-ChatPeer $three).Name").Lines);
    }

    [Fact]
    public void Invitations_are_taken_back_by_wildcard()
    {
        using Session session = Session.Start();
        session.Run("$null = Start-ChatServer 127.0.0.1 0 alice -Ephemeral; $one = New-ChatInvitation; $null = New-ChatInvitation");

        Assert.Empty(session.Run("Remove-ChatInvitation nothing*; Remove-ChatInvitation \"$($one.Substring(6, 7))*\", $one").Lines);
        Assert.Equal(["output: 1"], session.Run("@(Get-ChatInvitation).Count").Lines);
        Assert.Empty(session.Run("Remove-ChatInvitation *; Get-ChatInvitation").Lines);
    }

    [Fact]
    public void A_safety_number_confirms_and_another_one_is_an_error()
    {
        using Session session = Session.StartConversation();

        Assert.Equal(["output: Verified"], session.Run("Confirm-ChatPeer alice (Get-ChatPeer bob -Server $alice).SafetyNumber -PassThru | ForEach-Object Trust").Lines);
        ErrorRecord error = session.Run("Confirm-ChatPeer bob -SafetyNumber ('1' * 60) -Server $alice").Error;
        Assert.Equal(("FingerprintMismatch", ErrorCategory.SecurityError, "bob"), (error.FullyQualifiedErrorId.Split(',')[0], error.CategoryInfo.Category, error.TargetObject));
        Assert.Equal(["output: Unverified"], session.Run("(Get-ChatPeer bob -Server $alice).Trust").Lines);
    }

    [Fact]
    public void A_blocked_peer_is_unblocked_by_name_or_wildcard()
    {
        using Session session = Session.StartConversation();

        Assert.Empty(session.Run("Get-ChatPeer b* -Server $alice | Block-ChatPeer -Server $alice").Lines);
        Assert.Equal(["output: Blocked"], session.Run("(Get-ChatPeer bob -Server $alice).State").Lines);
        Assert.Equal("PeerBlocked", session.Run("Send-ChatMessage bob hi -Server $alice").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(session.Run("Unblock-ChatPeer * -Server $alice").Lines);
        session.Until("(Get-ChatPeer bob -Server $alice).State -eq 'Online'");
    }

    [Fact]
    public void A_peer_is_removed_with_its_messages_and_WhatIf_removes_nothing()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Send-ChatMessage alice hi -WaitFor Delivered");

        session.Run("Remove-ChatPeer bob -Server $alice -WhatIf");
        Assert.Equal(["output: bob 1"], session.Run("\"$(Get-ChatPeer -Server $alice) $(@(Get-ChatInbox -Server $alice).Count)\"").Lines);
        Assert.Empty(session.Run("Remove-ChatPeer bob -Server $alice -Confirm:$false").Lines);
        Assert.Empty(session.Run("Get-ChatPeer -Server $alice; Get-ChatInbox -Server $alice").Lines);
    }

    [Fact]
    public void A_changed_key_holds_the_messages_until_it_is_approved()
    {
        using Session session = Session.StartConversation();
        session.Run("""
            Stop-ChatServer $alice
            $alice = Start-ChatServer 127.0.0.1 $alice.Port alice -Ephemeral -AcceptFrom Anyone
            """);

        ErrorRecord error = session.Run("Connect-ChatPeer $alice.Endpoint -Server bob").Error;
        Assert.Equal(("KeyChanged", ErrorCategory.SecurityError), (error.FullyQualifiedErrorId.Split(',')[0], error.CategoryInfo.Category));
        Assert.Contains("Approve-ChatPeer", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.StartsWith("warning: The key of 'alice' has changed.", Assert.Single(session.Run("Send-ChatMessage alice 'is it you?' -Server bob").Lines), StringComparison.Ordinal);
        Assert.Equal(["output: KeyChanged True 1"], session.Run("Get-ChatPeer alice -Server bob | ForEach-Object { \"$($_.State) $($_.NewFingerprint -eq $alice.Fingerprint) $($_.Queued)\" }").Lines);

        // Nobody is there to be asked, so a plain approval of a changed key does nothing; a wildcard never means one.
        ErrorRecord unasked = session.Run("Approve-ChatPeer alice -Server bob").Error;
        Assert.Equal("KeyChanged", unasked.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("-SafetyNumber", unasked.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(session.Run("Approve-ChatPeer * -Server bob").Lines);
        Assert.Equal("FingerprintMismatch", session.Run("Approve-ChatPeer alice -Server bob -SafetyNumber (Get-ChatPeer alice -Server bob).SafetyNumber").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(["output: KeyChanged"], session.Run("(Get-ChatPeer alice -Server bob).State").Lines);

        Assert.Equal(["output: Verified"], session.Run("Approve-ChatPeer alice -Server bob -SafetyNumber (Get-ChatPeer alice -Server bob).NewSafetyNumber -PassThru | ForEach-Object Trust").Lines);
        session.Until("@(Get-ChatInbox -Server $alice).Count -eq 1");
    }
}
