BeforeAll {
    . $PSScriptRoot/Session.ps1
    Import-Module $Manifest -Force
}

AfterAll { Remove-Module PSSecureChat -ErrorAction Ignore }

Describe 'Files' {
    BeforeEach {
        Start-Conversation
        $root = Join-Path $TestDrive ([guid]::NewGuid())
        $inbox = (New-Item -ItemType Directory "$root/inbox").FullName
        Set-Content "$root/notes.txt" 'some notes'
        [System.IO.File]::WriteAllBytes("$root/data.bin", [byte[]]::new(2MB))
    }
    AfterEach { Stop-Conversation }

    It 'are offered, taken and checked' {
        $sent = Send-ChatFile alice $root/notes.txt
        $sent | Should -BeOfType ([PSSecureChat.ChatTransfer])
        Wait-Until { (Get-ChatTransfer -Server alice).State -eq 'Offered' }
        $done = Receive-ChatFile notes.txt $inbox -Wait -Server alice
        $done.State | Should -Be Completed
        $done.Sha256 | Should -Be (Get-FileHash $root/notes.txt).Hash
        Get-Content $inbox/notes.txt | Should -Be 'some notes'
        Wait-Until { ($sent | Get-ChatTransfer).State -eq 'Completed' }
    }

    It 'come from Get-ChildItem' {
        $sent = Get-ChildItem $root -File | Send-ChatFile alice
        $sent.Name | Sort-Object | Should -Be 'data.bin', 'notes.txt'
        Wait-Until { (Get-ChatTransfer -State Offered -Server alice).Count -eq 2 }
        $done = Get-ChatTransfer -State Offered -Server alice | Receive-ChatFile -Destination $inbox -Wait
        $done.State | Should -Be Completed, Completed
        (Get-ChildItem $inbox).Name | Sort-Object | Should -Be 'data.bin', 'notes.txt'
    }

    It 'go in jobs' {
        $taking = Receive-ChatFile -From bob -Destination $inbox -AsJob -Server alice
        $taking | Should -BeOfType ([System.Management.Automation.Job])
        $sending = Send-ChatFile alice $root/data.bin -AsJob
        $done = $sending, $taking | Wait-Job -Timeout 30 | Receive-Job
        $done.State | Should -Be Completed, Completed
        (Get-FileHash $inbox/data.bin).Hash | Should -Be $done[0].Sha256
        (Get-Job -Id $sending.Id).PSJobTypeName | Should -Be ChatTransferJob
        $sending, $taking | Remove-Job
    }

    It 'stop with their job' {
        $job = Send-ChatFile alice $root/data.bin -AsJob
        Stop-Job $job
        $job.State | Should -Be Stopped
        (Get-ChatTransfer).State | Should -Be Stopped
        Remove-Job $job
    }

    It 'are suspended, resumed and stopped' {
        $null = Send-ChatFile alice $root/data.bin
        (Suspend-ChatTransfer data* -PassThru).State | Should -Be Suspended
        Get-ChatTransfer -State Suspended | Resume-ChatTransfer
        Wait-Until { (Get-ChatTransfer).State -eq 'Offered' }
        Stop-ChatTransfer data.bin -WhatIf
        (Get-ChatTransfer).State | Should -Be Offered
        (Get-ChatTransfer | Stop-ChatTransfer -PassThru).State | Should -Be Stopped
    }

    It 'that cannot be sent or received are errors' {
        { Send-ChatFile alice $root/missing.txt -ErrorAction Stop } | Should -Throw -ErrorId 'FileNotUsable,*'
        { Send-ChatFile nobody $root/notes.txt -ErrorAction Stop } | Should -Throw -ErrorId 'PeerUnknown,*'
        { Receive-ChatFile missing.txt -ErrorAction Stop } | Should -Throw -ErrorId 'TransferUnknown,*'
        { Receive-ChatFile -Wait -TimeoutSec 0.05 -ErrorAction Stop } | Should -Throw -ErrorId 'TimedOut,*'
        { Stop-ChatTransfer missing.txt -ErrorAction Stop } | Should -Throw -ErrorId 'TransferUnknown,*'
        { Suspend-ChatTransfer -Id ([guid]::NewGuid()) -ErrorAction Stop } | Should -Throw -ErrorId 'TransferUnknown,*'
        { Resume-ChatTransfer missing.txt -ErrorAction Stop } | Should -Throw -ErrorId 'TransferUnknown,*'
    }

    It 'are completed with Tab' {
        $sent = Send-ChatFile alice $root/notes.txt
        Wait-Until { (Get-ChatTransfer -Server alice).State -eq 'Offered' }
        Get-CompletionText 'Receive-ChatFile -Server alice -Name n' | Should -Be notes.txt
        Get-CompletionText 'Stop-ChatTransfer n' | Should -Be notes.txt
        (Get-CompletionText 'Get-ChatTransfer -Id ').Trim("'") | Should -Be $sent.Id
        Get-CompletionText 'Send-ChatFile a' | Should -Be alice
    }

    It 'are shown in 80 columns' {
        $null = Send-ChatFile alice $root/notes.txt, $root/data.bin
        $lines = Get-ChatTransfer | Out-String -Width 80 -Stream
        $lines | Where-Object { $_.TrimEnd().Length -gt 80 } | Should -BeNullOrEmpty
        $lines -match '^notes\.txt +-> alice +11 B +0%' | Should -Not -BeNullOrEmpty
        $lines -match '^data\.bin +-> alice +2\.0 MB +0%' | Should -Not -BeNullOrEmpty
        Get-ChatTransfer | Format-List | Out-String | Should -Match 'Length +: 11'
    }
}
